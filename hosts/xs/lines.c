/*
 * Takes the line numbers out of byte-code. See lines.h.
 *
 * Three passes: find where every instruction moves to, mend the distances of branches, move. A distance counts from
 * the end of its instruction and can only shrink, so no instruction changes its size. A function's code lies inside its
 * parent's; behind it the parent's line holds again.
 */
#include "engine.h"
#include "lines.h"

extern const txS1 gxCodeSizes[];

typedef struct {
	unsigned char *code;
	uint32_t bytes;
	uint32_t *moved; /* new offset of each old one, bytes + 1 of them */
	line_table *table;
} work;

static int is_taken_out(unsigned char opcode)
{
	return opcode == XS_CODE_LINE || opcode == XS_CODE_FILE || opcode == XS_CODE_PROFILE;
}

/* Bytes of the distance that this opcode carries; 0 when it carries none. */
static size_t distance_bytes(unsigned char opcode)
{
	switch (opcode) {
	case XS_CODE_BRANCH_1: case XS_CODE_BRANCH_CHAIN_1: case XS_CODE_BRANCH_COALESCE_1: case XS_CODE_BRANCH_ELSE_1:
	case XS_CODE_BRANCH_IF_1: case XS_CODE_BRANCH_STATUS_1: case XS_CODE_CATCH_1: case XS_CODE_CODE_1:
		return 1;
	case XS_CODE_BRANCH_2: case XS_CODE_BRANCH_CHAIN_2: case XS_CODE_BRANCH_COALESCE_2: case XS_CODE_BRANCH_ELSE_2:
	case XS_CODE_BRANCH_IF_2: case XS_CODE_BRANCH_STATUS_2: case XS_CODE_CATCH_2: case XS_CODE_CODE_2:
		return 2;
	case XS_CODE_BRANCH_4: case XS_CODE_BRANCH_CHAIN_4: case XS_CODE_BRANCH_COALESCE_4: case XS_CODE_BRANCH_ELSE_4:
	case XS_CODE_BRANCH_IF_4: case XS_CODE_BRANCH_STATUS_4: case XS_CODE_CATCH_4: case XS_CODE_CODE_4:
		return 4;
	default:
		return 0;
	}
}

static int is_function(unsigned char opcode)
{
	return opcode == XS_CODE_CODE_1 || opcode == XS_CODE_CODE_2 || opcode == XS_CODE_CODE_4;
}

static int32_t read_distance(const unsigned char *operand, size_t bytes)
{
	int8_t one;
	int16_t two;
	int32_t four;
	switch (bytes) {
	case 1: memcpy(&one, operand, 1); return one;
	case 2: memcpy(&two, operand, 2); return two;
	default: memcpy(&four, operand, 4); return four;
	}
}

static int put_line(line_table *table, uint32_t offset, uint32_t line)
{
	if (table->count && table->lines[table->count - 1].code_offset == offset)
		table->count--;
	if (table->count && table->lines[table->count - 1].line == line)
		return 0;
	if (table->count == table->room) {
		uint32_t room = table->room ? table->room * 2 : 64;
		image_line *lines = realloc(table->lines, room * sizeof *lines);
		if (!lines)
			return -1;
		table->lines = lines;
		table->room = room;
	}
	table->lines[table->count++] = (image_line){ offset, line };
	return 0;
}

/* One function's code, from begin to end; *to is where it goes. Calls itself for the functions inside. */
static int place(work *it, uint32_t begin, uint32_t end, uint32_t *to)
{
	uint32_t line = 0;
	uint32_t next;
	for (uint32_t at = begin; at < end; at = next) {
		size_t bytes = lugh_code_bytes(it->code + at, end - at);
		if (!bytes)
			return -1;
		next = at + (uint32_t)bytes;
		it->moved[at] = *to;
		if (it->code[at] == XS_CODE_LINE) {
			uint16_t found;
			memcpy(&found, it->code + at + 1, sizeof found);
			line = found;
			if (put_line(it->table, *to, line))
				return -1;
		}
		if (is_taken_out(it->code[at]))
			continue;
		*to += (uint32_t)bytes;
		if (is_function(it->code[at])) {
			int32_t inside = read_distance(it->code + at + 1, distance_bytes(it->code[at]));
			if (inside < 0 || (uint32_t)inside > end - next || place(it, next, next + (uint32_t)inside, to))
				return -1;
			next += (uint32_t)inside;
			if (line && put_line(it->table, *to, line))
				return -1;
		}
	}
	it->moved[end] = *to;
	return 0;
}

static int mend(work *it)
{
	uint32_t next;
	for (uint32_t at = 0; at < it->bytes; at = next) {
		next = at + (uint32_t)lugh_code_bytes(it->code + at, it->bytes - at);
		size_t bytes = distance_bytes(it->code[at]);
		if (!bytes)
			continue;
		int64_t target = (int64_t)next + read_distance(it->code + at + 1, bytes);
		if (target < 0 || target > it->bytes)
			return -1;
		int32_t distance = (int32_t)(it->moved[target] - (it->moved[at] + 1 + (uint32_t)bytes));
		memcpy(it->code + at + 1, &distance, bytes); /* the low bytes: images are little-endian, see image.h */
	}
	return 0;
}

static void move(work *it)
{
	uint32_t next;
	for (uint32_t at = 0; at < it->bytes; at = next) {
		next = at + (uint32_t)lugh_code_bytes(it->code + at, it->bytes - at);
		if (!is_taken_out(it->code[at]))
			memmove(it->code + it->moved[at], it->code + at, next - at);
	}
}

int lugh_lines_take_out(unsigned char *code, uint32_t *code_bytes, line_table *table)
{
	work it = { code, *code_bytes, calloc((size_t)*code_bytes + 1, sizeof(uint32_t)), table };
	uint32_t to = 0;
	int failed = !it.moved || place(&it, 0, it.bytes, &to) || mend(&it);
	if (!failed) {
		move(&it);
		*code_bytes = to;
	}
	free(it.moved);
	return failed ? -1 : 0;
}
