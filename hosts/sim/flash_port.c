/*
 * The device port "flash": takes calls, lets the time pass that a NOR chip would take, performs them one by one in the order of
 * submission, and answers.
 *
 * An operation happens at its end. When the power fails in the middle of one, it is torn: at a point drawn by seed, or at
 * the one that was planned for its number; what was submitted behind it never begins. Bytes are copied at submission,
 * because a call may lose its deadline, and its body with it, while the chip is at work.
 */
#include "flash_port.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Typical of serial NOR chips of the W25Q class: a page of 256 bytes takes 0.7 ms, a byte of it alone 30 us. */
	PROGRAM_BEGIN_MICROS = 30,
	PROGRAM_BYTE_NANOS = 2620,
	PROGRAM_PAGE_BYTES = 256,
	READ_BEGIN_MICROS = 5,
	READ_BYTE_NANOS = 100, /* four lines at 20 MHz */
	SYNC_MICROS = 20, /* asking the chip whether it is ready */
};

/* ---- birth and death ---- */

static bool is_same_chip(const lugh_flash_options *one, const lugh_flash_options *other)
{
	return one->page_bytes == other->page_bytes && one->sector_bytes == other->sector_bytes && one->sectors == other->sectors;
}

static lugh_flash *make_model(const lugh_cbor_reader *option, const lugh_flash_options *wanted, char *error, size_t error_bytes)
{
	char path[PATH_MAX] = "";
	lugh_cbor_reader file;
	bool has_file = lugh_cbor_find(option, "file", &file);
	if (has_file && !text_of(option, "file", path, sizeof(path))) {
		snprintf(error, error_bytes, "Cannot boot node with flash: wanted a path of less than %d bytes for file", PATH_MAX);
		return NULL;
	}
	lugh_flash *model = lugh_flash_create(wanted, error, error_bytes);
	if (!model || !has_file || lugh_flash_keep_in(model, path, error, error_bytes))
		return model;
	lugh_flash_destroy(model);
	return NULL;
}

bool flash_begin(sim_node *node, const lugh_cbor_reader *options, char *error, size_t error_bytes)
{
	lugh_cbor_reader option;
	lugh_flash_options wanted;
	if (!lugh_cbor_find(options, "flash", &option)) {
		if (node->flash)
			lugh_flash_power_on(node->flash->model);
		return true;
	}
	sim_flash *flash = node->flash ? node->flash : calloc(1, sizeof(*flash));
	const char *complaint = flash ? flash_read_options(&option, &wanted, flash) : "no memory for it";
	if (!complaint && flash->model && flag_of(&option, "isNew")) {
		lugh_flash_destroy(flash->model);
		flash->model = NULL;
	}
	if (!complaint && flash->model && !is_same_chip(&wanted, lugh_flash_options_of(flash->model)))
		complaint = "wanted the geometry that it was made with";
	if (complaint)
		snprintf(error, error_bytes, "Cannot boot node with flash: %s", complaint);
	else if (!flash->model)
		flash->model = make_model(&option, &wanted, error, error_bytes);
	if (complaint || !flash->model) {
		if (flash != node->flash)
			free(flash);
		return false;
	}
	node->flash = flash;
	lugh_flash_power_on(flash->model);
	return true;
}

static int boot_read(void *model, uint64_t address, uint8_t *bytes, size_t length)
{
	return lugh_flash_read(model, address, bytes, length);
}

static int boot_program(void *model, uint64_t address, const uint8_t *bytes, size_t length)
{
	return lugh_flash_program(model, address, bytes, length);
}

static int boot_sync(void *model)
{
	return lugh_flash_sync(model);
}

const lugh_boot_report *flash_boot_report(sim_node *node)
{
	static lugh_boot_report report; /* the node takes what it wants of it while it boots */
	if (!node->flash)
		return NULL;
	lugh_flash *model = node->flash->model;
	const lugh_flash_options *chip = lugh_flash_options_of(model);
	lugh_boot_flash flash = { model, chip->page_bytes, chip->sector_bytes, boot_read, boot_program, boot_sync };
	lugh_boot_read(&flash, node->cause, &report);
	node->cause = LUGH_BOOT_ORDERED;
	return &report;
}

void flash_end(sim_node *node)
{
	if (node->flash)
		lugh_flash_destroy(node->flash->model);
	free(node->flash);
	node->flash = NULL;
}

/* ---- submission ---- */

static int64_t micros_of(const sim_flash *flash, const flash_request *request)
{
	int64_t length = request->length > LUGH_FLASH_BYTES_EACH ? 0 : (int64_t)request->length;
	if (request->is_malformed || flash->timing.is_instant)
		return 0;
	switch (request->verb) {
	case FLASH_READ:
		return READ_BEGIN_MICROS + length * READ_BYTE_NANOS / 1000;
	case FLASH_PROGRAM:
		return (length + PROGRAM_PAGE_BYTES - 1) / PROGRAM_PAGE_BYTES * PROGRAM_BEGIN_MICROS + length * PROGRAM_BYTE_NANOS / 1000;
	case FLASH_ERASE:
		return flash->timing.erase;
	case FLASH_SYNC:
		return SYNC_MICROS;
	default:
		return 0;
	}
}

static bool whole_of(const lugh_cbor_reader *body, const char *key, uint64_t *whole)
{
	lugh_cbor_reader value;
	int64_t integer;
	if (!lugh_cbor_find(body, key, &value) || !lugh_cbor_get_int(&value, &integer) || integer < 0)
		return false;
	*whole = (uint64_t)integer;
	return true;
}

static bool bytes_of(const lugh_cbor_reader *body, flash_request *request)
{
	lugh_cbor_reader value;
	const uint8_t *bytes;
	if (!lugh_cbor_find(body, "bytes", &value) || !lugh_cbor_get_bytes(&value, &bytes, &request->length) || !request->length)
		return false;
	if (request->length <= sizeof(request->bytes))
		memcpy(request->bytes, bytes, request->length);
	return true;
}

static bool arguments_of(const lugh_cbor_reader *body, flash_request *request)
{
	uint64_t length = 0;
	switch (request->verb) {
	case FLASH_READ:
		if (!whole_of(body, "address", &request->address) || !whole_of(body, "length", &length) || !length)
			return false;
		request->length = (size_t)length;
		return true;
	case FLASH_PROGRAM:
		return whole_of(body, "address", &request->address) && bytes_of(body, request);
	case FLASH_ERASE:
		return whole_of(body, "sector", &request->address);
	default:
		return true;
	}
}

static flash_verb verb_of(const char *type)
{
	static const char *const verbs[] = { "geometry", "read", "program", "erase", "sync" };
	int verb = 0;
	while (verb < FLASH_VERBS && strcmp(verbs[verb], type))
		verb++;
	return (flash_verb)verb;
}

static flash_request *request_at(sim_flash *flash, unsigned index)
{
	return &flash->requests[(flash->first + index) % FLASH_WAITING];
}

static void submit(sim_node *node, flash_verb verb, const lugh_received *message)
{
	sim_flash *flash = node->flash;
	lugh_cbor_reader body;
	flash_request *request = request_at(flash, flash->count);
	request->token = message->token;
	request->verb = verb;
	request->address = request->length = 0;
	lugh_cbor_reader_begin(&body, message->body, message->length);
	request->is_malformed = !arguments_of(&body, request);
	request->begins_at = worker_now();
	if (flash->count && request_at(flash, flash->count - 1)->done_at > request->begins_at)
		request->begins_at = request_at(flash, flash->count - 1)->done_at;
	request->done_at = request->begins_at + micros_of(flash, request);
	flash->count++;
	worker_wake(node, request_at(flash, 0)->done_at);
}

/* A call that is past its deadline has left the mailbox and not the chip: so the port may be full when the mailbox is not. */
void flash_deliver(lugh_node *lugh, void *device, const lugh_received *message)
{
	sim_node *node = device;
	flash_verb verb = verb_of(message->type);
	if (!message->is_call)
		lugh_node_release(lugh, message->token);
	else if (verb == FLASH_VERBS)
		lugh_node_refuse(lugh, message->token, LUGH_ANSWER_NOT_CAPABLE);
	else if (node->flash->count == FLASH_WAITING)
		lugh_node_refuse(lugh, message->token, LUGH_ANSWER_FULL);
	else
		submit(node, verb, message);
}

/* ---- completion ---- */

static void answer_error(sim_node *node, uint32_t token, const char *word)
{
	uint8_t body[32];
	lugh_cbor_writer writer;
	lugh_cbor_writer_begin(&writer, body, sizeof(body));
	lugh_cbor_put_map(&writer, 1);
	lugh_cbor_put_text(&writer, "error");
	lugh_cbor_put_text(&writer, word);
	lugh_node_reply(node->node, token, body, writer.length);
}

static void answer_geometry(sim_node *node, uint32_t token)
{
	uint8_t body[96];
	lugh_cbor_writer writer;
	const lugh_flash_options *chip = lugh_flash_options_of(node->flash->model);
	lugh_cbor_writer_begin(&writer, body, sizeof(body));
	lugh_cbor_put_map(&writer, 4);
	lugh_cbor_put_text(&writer, "sectors");
	lugh_cbor_put_int(&writer, chip->sectors);
	lugh_cbor_put_text(&writer, "pageBytes");
	lugh_cbor_put_int(&writer, chip->page_bytes);
	lugh_cbor_put_text(&writer, "sectorBytes");
	lugh_cbor_put_int(&writer, chip->sector_bytes);
	lugh_cbor_put_text(&writer, "eraseWorstMicros");
	lugh_cbor_put_int(&writer, node->flash->timing.erase_worst);
	lugh_node_reply(node->node, token, body, writer.length);
}

static void answer_done(sim_node *node, const flash_request *request)
{
	static uint8_t body[LUGH_FLASH_BYTES_EACH + 16];
	lugh_cbor_writer writer;
	lugh_cbor_writer_begin(&writer, body, sizeof(body));
	lugh_cbor_put_map(&writer, request->verb == FLASH_READ);
	if (request->verb == FLASH_READ) {
		lugh_cbor_put_text(&writer, "bytes");
		lugh_cbor_put_bytes(&writer, request->bytes, request->length);
	}
	lugh_node_reply(node->node, request->token, body, writer.length);
}

static int perform(lugh_flash *model, flash_request *request)
{
	switch (request->verb) {
	case FLASH_READ:
		return lugh_flash_read(model, request->address, request->bytes, request->length);
	case FLASH_PROGRAM:
		return lugh_flash_program(model, request->address, request->bytes, request->length);
	case FLASH_ERASE:
		return lugh_flash_erase(model, request->address);
	case FLASH_SYNC:
		return lugh_flash_sync(model);
	default:
		return 0;
	}
}

/* False: the power failed in it. */
static bool complete(sim_node *node, flash_request *request)
{
	int error = request->is_malformed ? 0 : perform(node->flash->model, request);
	if (error == LUGH_FLASH_OFF)
		return false;
	if (request->is_malformed)
		answer_error(node, request->token, "malformed");
	else if (error)
		answer_error(node, request->token, lugh_flash_word(error));
	else if (request->verb == FLASH_GEOMETRY)
		answer_geometry(node, request->token);
	else
		answer_done(node, request);
	return true;
}

bool flash_work(sim_node *node)
{
	sim_flash *flash = node->flash;
	while (flash && flash->count && request_at(flash, 0)->done_at <= worker_now()) {
		if (!complete(node, request_at(flash, 0))) {
			char text[96];
			snprintf(text, sizeof(text), "the power failed in operation %" PRIu64 " of the flash, as planned",
				lugh_flash_measure(flash->model).operations);
			event_log(node, "warning", text);
			sim_node_cut(node);
			return false;
		}
		flash->first = (flash->first + 1) % FLASH_WAITING;
		flash->count--;
	}
	if (flash && flash->count)
		worker_wake(node, request_at(flash, 0)->done_at);
	return true;
}

/* ---- power ---- */

/* The operation that the chip is at work on is torn at a point by seed. */
static void tear_current(sim_flash *flash)
{
	flash_request *current = request_at(flash, 0);
	bool is_durable = current->verb == FLASH_PROGRAM || current->verb == FLASH_ERASE || current->verb == FLASH_SYNC;
	if (!flash->count || current->is_malformed || !is_durable || current->begins_at > worker_now())
		return;
	lugh_flash_plan plan = {
		.operation = lugh_flash_measure(flash->model).operations + 1,
		.happening = LUGH_FLASH_CUT_POWER,
		.point = (lugh_flash_point)(flash->seed % LUGH_FLASH_POINTS),
		.unsynced = flash->unsynced,
		.seed = flash->seed,
	};
	if (lugh_flash_plan_fault(flash->model, &plan))
		perform(flash->model, current);
}

void flash_cut(sim_node *node)
{
	sim_flash *flash = node->flash;
	if (!flash)
		return;
	if (lugh_flash_is_on(flash->model)) {
		tear_current(flash);
		lugh_flash_cut(flash->model, flash->unsynced, flash->seed);
		flash->seed = flash->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	}
	flash->count = 0;
}
