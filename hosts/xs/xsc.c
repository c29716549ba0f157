/*
 * lugh-xsc: compiles ES modules into one firmware image, with the parser of the very engine that will run them.
 *
 *   lugh-xsc -o firmware.xsi kernel/mod=build/kernel/mod.js @modules.list …
 *
 * A name is what other modules import; a list file holds one name=path a line. Every file is parsed even when an
 * earlier one failed, so that one run reports all syntax errors as "file:line: message"; then the exit code is 1 and
 * no image is written. Only the first error of a file is told: what follows it is mostly its echo.
 */
#include "engine.h"
#include "image.h"
#include "lines.h"

#include "xsScript.h"

enum { LINE_BYTES = 4096, PARSER_BUFFER_BYTES = 1024 * 1024, PARSER_SYMBOLS = 1993 };

typedef struct {
	char *name;
	char *path;
	txScript *script;
	uint32_t code_bytes;
	line_table table;
} unit;

typedef struct {
	unit *units;
	uint32_t count;
	const char *output;
} job;

typedef struct {
	const char *bytes;
	size_t next;
	size_t end;
} source;

static const char *parsed_path;
static int parsed_errors;

static int next_byte(void *it)
{
	source *text = it;
	return text->next < text->end ? (unsigned char)text->bytes[text->next++] : EOF;
}

static void tell_error(void *console, txString path, txInteger line, txString format, c_va_list arguments)
{
	(void)console;
	(void)path;
	if (parsed_errors++)
		return;
	fprintf(stderr, "%s:%d: ", parsed_path, (int)line);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
}

static void tell_nothing(void *console, txString path, txInteger line, txString format, c_va_list arguments)
{
	(void)console;
	(void)path;
	(void)line;
	(void)format;
	(void)arguments;
}

static txScript *parse(source *text)
{
	static txMachine console; /* the parser numbers functions there, and stops at the first error because it is set */
	txParser parser;
	txParserJump jump;
	txScript *volatile script = NULL;
	fxInitializeParser(&parser, &console, PARSER_BUFFER_BYTES, PARSER_SYMBOLS);
	parser.firstJump = &jump;
	parser.reportError = tell_error;
	parser.reportWarning = tell_nothing;
	if (c_setjmp(jump.jmp_buf) == 0) {
		parser.source = parser.defaultSymbol; /* lines are written only for a source with a name; any will do */
		fxParserTree(&parser, text, next_byte, mxStrictFlag | mxDebugFlag, NULL);
		fxParserHoist(&parser);
		fxParserBind(&parser);
		script = fxParserCode(&parser);
	}
	fxTerminateParser(&parser);
	if (parsed_errors) {
		fxDeleteScript(script); /* it would throw the error */
		return NULL;
	}
	return script;
}

static char *read_source(const char *path, size_t *bytes)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return NULL;
	fseek(file, 0, SEEK_END);
	long length = ftell(file);
	rewind(file);
	char *text = length >= 0 ? malloc((size_t)length + 1) : NULL;
	*bytes = text ? fread(text, 1, (size_t)length, file) : 0;
	fclose(file);
	return text;
}

static int compile(unit *it)
{
	size_t bytes = 0;
	char *text = read_source(it->path, &bytes);
	if (!text) {
		fprintf(stderr, "%s:1: Cannot read: %s\n", it->path, strerror(errno));
		return -1;
	}
	source input = { text, 0, bytes };
	parsed_path = it->path;
	parsed_errors = 0;
	it->script = parse(&input);
	free(text);
	if (!it->script && !parsed_errors)
		fprintf(stderr, "%s:1: Cannot compile: out of memory\n", it->path);
	if (!it->script)
		return -1;
	it->code_bytes = (uint32_t)it->script->codeSize;
	if (lugh_lines_take_out((unsigned char *)it->script->codeBuffer, &it->code_bytes, &it->table)) {
		fprintf(stderr, "%s:1: Cannot compile: the parser's code is not as expected\n", it->path);
		return -1;
	}
	return 0;
}

static int compile_all(job *it)
{
	int failures = 0;
	for (uint32_t i = 0; i < it->count; i++)
		failures += compile(&it->units[i]) != 0;
	return failures;
}

/* The script's symbols begin with their count; the image keeps that apart. */
static uint32_t symbol_count(const txScript *script)
{
	txID count;
	memcpy(&count, script->symbolsBuffer, sizeof count);
	return count;
}

/* A module without symbols still gets one byte, so that no entry is empty. */
static uint32_t symbol_bytes(const txScript *script)
{
	uint32_t bytes = (uint32_t)(script->symbolsSize - (txSize)sizeof(txID));
	return bytes ? bytes : 1;
}

static uint32_t aligned(uint32_t offset)
{
	return (offset + 3) & ~(uint32_t)3;
}

static uint32_t place_entries(const job *it, image_entry *entries)
{
	uint32_t offset = (uint32_t)(sizeof(image_header) + it->count * sizeof(image_entry));
	for (uint32_t i = 0; i < it->count; i++) {
		const txScript *script = it->units[i].script;
		image_entry *entry = &entries[i];
		entry->name_offset = offset;
		entry->name_bytes = (uint32_t)strlen(it->units[i].name) + 1;
		entry->symbols_offset = entry->name_offset + entry->name_bytes;
		entry->symbols_bytes = symbol_bytes(script);
		entry->symbol_count = symbol_count(script);
		entry->code_offset = entry->symbols_offset + entry->symbols_bytes;
		entry->code_bytes = it->units[i].code_bytes;
		entry->lines_offset = aligned(entry->code_offset + entry->code_bytes);
		entry->line_count = it->units[i].table.count;
		offset = entry->lines_offset + entry->line_count * (uint32_t)sizeof(image_line);
	}
	return offset;
}

static void put_header(const job *it, uint32_t total_bytes, FILE *file)
{
	image_header header = { .magic = LUGH_IMAGE_MAGIC, .order = LUGH_IMAGE_ORDER, .format = LUGH_IMAGE_FORMAT };
	header.engine[0] = XS_MAJOR_VERSION;
	header.engine[1] = XS_MINOR_VERSION;
	header.engine[2] = XS_PATCH_VERSION;
	header.id_bytes = sizeof(txID);
	header.module_count = it->count;
	header.total_bytes = total_bytes;
	fwrite(&header, sizeof header, 1, file);
}

static void put_unit(const unit *it, const image_entry *entry, FILE *file)
{
	static const char padding[4];
	size_t bytes = (size_t)it->script->symbolsSize - sizeof(txID);
	fwrite(it->name, strlen(it->name) + 1, 1, file);
	fwrite(bytes ? (const char *)it->script->symbolsBuffer + sizeof(txID) : "", symbol_bytes(it->script), 1, file);
	fwrite(it->script->codeBuffer, it->code_bytes, 1, file);
	fwrite(padding, 1, entry->lines_offset - entry->code_offset - entry->code_bytes, file);
	fwrite(it->table.lines, sizeof(image_line), it->table.count, file);
}

static int write_image(const job *it)
{
	image_entry *entries = calloc(it->count, sizeof *entries);
	FILE *file = entries ? fopen(it->output, "wb") : NULL;
	int failed = !file;
	if (file) {
		put_header(it, place_entries(it, entries), file);
		fwrite(entries, sizeof *entries, it->count, file);
		for (uint32_t i = 0; i < it->count; i++)
			put_unit(&it->units[i], &entries[i], file);
		failed = ferror(file);
		failed |= fclose(file) != 0;
	}
	if (failed)
		fprintf(stderr, "lugh-xsc: Cannot write %s: %s\n", it->output, strerror(errno));
	free(entries);
	return failed;
}

static int add_unit(job *it, const char *argument)
{
	const char *equals = strchr(argument, '=');
	if (!equals || equals == argument || !equals[1]) {
		fprintf(stderr, "lugh-xsc: wanted name=path, found %s\n", argument);
		return -1;
	}
	if (it->count == LUGH_IMAGE_MODULE_LIMIT) {
		fprintf(stderr, "lugh-xsc: more than %d modules\n", LUGH_IMAGE_MODULE_LIMIT);
		return -1;
	}
	unit *entry = &it->units[it->count++];
	entry->name = strndup(argument, (size_t)(equals - argument));
	entry->path = strdup(equals + 1);
	return entry->name && entry->path ? 0 : -1;
}

static int add_list(job *it, const char *path)
{
	char line[LINE_BYTES];
	FILE *file = fopen(path, "r");
	int failures = !file;
	if (!file)
		fprintf(stderr, "lugh-xsc: Cannot read %s: %s\n", path, strerror(errno));
	while (file && fgets(line, sizeof line, file)) {
		line[strcspn(line, "\r\n")] = 0;
		if (line[0])
			failures += add_unit(it, line) != 0;
	}
	if (file)
		fclose(file);
	return failures ? -1 : 0;
}

static int read_arguments(job *it, int argc, char **argv)
{
	int failures = 0;
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-o") && i + 1 < argc)
			it->output = argv[++i];
		else if (argv[i][0] == '@')
			failures += add_list(it, argv[i] + 1) != 0;
		else
			failures += add_unit(it, argv[i]) != 0;
	}
	return failures || !it->output || !it->count ? -1 : 0;
}

static void discard(job *it)
{
	for (uint32_t i = 0; i < it->count; i++) {
		fxDeleteScript(it->units[i].script);
		free(it->units[i].table.lines);
		free(it->units[i].name);
		free(it->units[i].path);
	}
	free(it->units);
}

int main(int argc, char **argv)
{
	job it = { .units = calloc(LUGH_IMAGE_MODULE_LIMIT, sizeof(unit)) };
	int status = 2;
	if (!it.units || read_arguments(&it, argc, argv))
		fprintf(stderr, "usage: lugh-xsc -o firmware.xsi name=path.js … | @list\n");
	else
		status = compile_all(&it) || write_image(&it) ? 1 : 0;
	discard(&it);
	return status;
}
