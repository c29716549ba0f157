/*
 * What a machine keeps for the codec, and the words for its answers.
 */
#include "body.h"

#include "body_keys.h"
#include "body_names.h"

void lugh_body_state_begin(lugh_body_state *state, uint32_t names_limit)
{
	static uint32_t machines; /* begun so far; 0 is the root's own serial */
	if (++machines == 0) machines = 1;
	*state = (lugh_body_state){ .serial = machines, .names_limit = names_limit };
}

void lugh_body_forget_root(void)
{
	lugh_shapes_forget_root();
	lugh_names_forget_root();
}

const char *lugh_body_error_text(int code)
{
	switch (code) {
	case LUGH_BODY_OK: return "no error";
	case LUGH_BODY_NOT_PLAIN: return "value that is not plain data";
	case LUGH_BODY_CYCLE: return "value that contains itself";
	case LUGH_BODY_TOO_DEEP: return "containers nested too deep";
	case LUGH_BODY_TOO_LARGE: return "too many bytes";
	case LUGH_BODY_TOO_MANY: return "too many items or keys";
	case LUGH_BODY_BAD_TEXT: return "text that is not Unicode";
	case LUGH_BODY_TOO_MANY_NAMES: return "too many names that the machine did not know";
	case LUGH_BODY_MALFORMED: return "bytes that are not one CBOR item";
	case LUGH_BODY_NOT_SHORTEST: return "CBOR that is not deterministic";
	case LUGH_BODY_FOREIGN: return "CBOR that bodies do not have";
	default: return "unknown error";
	}
}
