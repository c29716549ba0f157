/*
 * State that outlives the power: `store` commits it and has the storage service keep it, and the first start of a service
 * whose definition says `storesState` waits for what was kept.
 *
 * Both are calls to storage (services/api/storage, "put" and "get") under the prefix that the table gives the service, so
 * permission and quota are looked at where all keys are. What is kept is CBOR of [schema, state]. It becomes the last
 * commit, from which later starts begin until the node boots again.
 */
#include "node_state.h"

#include <stdio.h>
#include <string.h>

enum {
	STORED_BYTES = 2048,    /* services/api/storage.ts, valueBytes: with its schema */
	STORAGE_MILLIS = 10000, /* services/storage/port.ts, deadlineMillis: what takes longer is broken */
	/* Starts that may fault of what was kept. The reincarnation server's third goes back to what the table gives. */
	RESTORES = 3,
	RESTORED = RESTORES + 1, /* no start asks storage again before the next boot */
};

/* ---- calls to storage ---- */

static void put_key(lugh_cbor_writer *writer, const service *of)
{
	char key[sizeof(((port_grant *)0)->name) + 8];
	snprintf(key, sizeof(key), "%sstate", store_prefix(of));
	lugh_cbor_put_text_field(writer, "key", key);
}

/* As the service itself could call it; the request is in the scratch. Answers LUGH_ANSWER_NONE, or why not. */
static int call_storage(service *of, const char *type, const lugh_cbor_writer *request, uint16_t *handle)
{
	lugh_node *node = of->node;
	int storage = lugh_node_service(node, "storage");
	if (storage < 0)
		return LUGH_ANSWER_UNAVAILABLE;
	if (of->pending_calls >= of->mailbox)
		return LUGH_ANSWER_FULL;
	channel to = { .target = (uint16_t)storage };
	const send_options options = { of->current_priority, node->now + STORAGE_MILLIS * 1000LL };
	of->bodies.encoded_cost = (uint32_t)lugh_body_decoded_cost(request->buffer, request->length);
	return submit_message(of, KIND_CALL, &to, type_of(type, NULL), &options, (int)request->length, handle);
}

/* ---- store ---- */

/* The state stands in the scratch. */
static int keep(service *of, size_t length, uint16_t *handle)
{
	static uint8_t value[STORED_BYTES];
	lugh_cbor_writer writer;
	lugh_cbor_writer_begin(&writer, value, sizeof(value));
	lugh_cbor_put_array(&writer, 2);
	lugh_cbor_put_int(&writer, of->schema);
	if (length > sizeof(value) - writer.length)
		return LUGH_ANSWER_TOO_LARGE;
	memcpy(value + writer.length, encode_scratch(), length);
	length += writer.length;
	lugh_cbor_writer_begin(&writer, encode_scratch(), LUGH_BODY_BYTES);
	lugh_cbor_put_map(&writer, 2);
	put_key(&writer, of);
	lugh_cbor_put_text(&writer, "value");
	lugh_cbor_put_bytes(&writer, value, length);
	return call_storage(of, "put", &writer, handle);
}

void native_store(txMachine *the)
{
	service *of = service_of(the);
	uint16_t handle = 0;
	if (!of->stores_state)
		mxTypeError("Cannot store: wanted `storesState: true` in the definition of %s", of->name);
	int length = encode_argument(the, of, 0);
	if (length == 0)
		mxTypeError("Cannot store: wanted a state, found undefined");
	int code = length < 0 ? LUGH_ANSWER_TOO_LARGE : submit_commit(of, encode_scratch(), (size_t)length, of->schema);
	if (code == LUGH_ANSWER_NONE)
		code = may_store(of) ? keep(of, (size_t)length, &handle) : LUGH_ANSWER_NOT_CAPABLE;
	if (code == LUGH_ANSWER_FULL)
		of->refused++;
	answer_promise(the, of, handle, code, "store");
}

/* ---- the first start ---- */

static bool is_from_table(const message *state)
{
	return state && state->sender == NOBODY;
}

bool waits_for_state(service *of, const message *state)
{
	if (!of->stores_state || of->restores == RESTORED || (state && !is_from_table(state)))
		return false;
	if (of->restores == RESTORES) {
		char text[LOG_BYTES];
		snprintf(text, sizeof(text), "%s begins without what it had stored: it could not start from it %d times", of->name, RESTORES);
		log_text(of->node, "error", text);
		of->restores = RESTORED;
		return false;
	}
	return lugh_node_service(of->node, "storage") >= 0 && may_store(of);
}

void ask_for_state(txMachine *the, service *of, uint16_t initial)
{
	lugh_cbor_writer writer;
	lugh_cbor_writer_begin(&writer, encode_scratch(), LUGH_BODY_BYTES);
	lugh_cbor_put_map(&writer, 1);
	put_key(&writer, of);
	of->initial = initial;
	int code = call_storage(of, "get", &writer, &of->restoring);
	if (code)
		mxTypeError("Cannot start %s: its call of storage was answered %s", of->name, answer_texts[code]);
	of->pending_calls++;
}

/* Says what storage answered instead of a value. What passes is worth another start; with the rest, nothing is kept. */
static void look_at_error(txMachine *the, service *of, const lugh_cbor_reader *reply)
{
	const char *code = "", *why = "";
	size_t code_length = 0, why_length = 0;
	lugh_cbor_reader field;
	char text[LOG_BYTES];
	if (!lugh_cbor_find(reply, "error", &field))
		return;
	lugh_cbor_get_text(&field, &code, &code_length);
	if (lugh_cbor_find(reply, "message", &field))
		lugh_cbor_get_text(&field, &why, &why_length);
	snprintf(text, sizeof(text), "Cannot start %s from what it stored: %.*s", of->name, (int)why_length, why);
	if (lugh_cbor_text_is(code, code_length, "failed"))
		mxTypeError("%s", text);
	log_text(of->node, "warning", text);
}

/* Pushes what was kept, in the schema of this version; it is the last commit now. */
static void push_kept(txMachine *the, service *of, const uint8_t *value, size_t value_length)
{
	lugh_cbor_reader reader;
	size_t count = 0;
	int64_t schema = 0;
	lugh_cbor_reader_begin(&reader, value, value_length);
	if (!lugh_cbor_get_array(&reader, &count) || count != 2 || !lugh_cbor_get_int(&reader, &schema))
		mxTypeError("Cannot start %s: what it stored is no state", of->name);
	size_t length = (size_t)(reader.end - reader.at);
	int32_t cost = lugh_body_decoded_cost(reader.at, length);
	of->bodies.encoded_cost = cost < 0 ? 0 : (uint32_t)cost;
	if (cost < 0 || submit_commit(of, reader.at, length, (int32_t)schema) || lugh_body_decode(the, &of->bodies, reader.at, length))
		mxTypeError("Cannot start %s: what it stored does not fit its machine", of->name);
	adopt_schema(the, of, (int32_t)schema);
}

static void push_answer(txMachine *the, service *of, const message *reply)
{
	lugh_cbor_reader reader, field;
	const uint8_t *value = NULL;
	size_t length = 0;
	lugh_cbor_reader_begin(&reader, reply->body ? reply->body->bytes : NULL, reply->body ? reply->body->length : 0);
	if (reply->body && lugh_cbor_find(&reader, "value", &field) && lugh_cbor_next(&field) == LUGH_CBOR_BYTES) {
		lugh_cbor_get_bytes(&field, &value, &length);
		of->restores++;
		push_kept(the, of, value, length);
		return;
	}
	if (reply->body)
		look_at_error(the, of, &reader);
	push_state(the, of, of->initial ? &of->node->messages[of->initial] : NULL);
}

void start_restored(txMachine *the, service *of, const message *reply)
{
	of->in_hand_type = (uint16_t)type_of("", NULL); /* it is still its start */
	of->restoring = 0;
	if (reply->answer != LUGH_ANSWER_NONE)
		mxTypeError("Cannot start %s: its call of storage was answered %s", of->name, answer_texts[reply->answer]);
	push_answer(the, of, reply);
	run_start(the, of);
	of->restores = RESTORED;
}
