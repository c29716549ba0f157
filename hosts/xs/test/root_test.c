/*
 * Does the builder of a root refuse what machines must not share, and say where it is?
 */
#include "harness.h"

#include <stdlib.h>

typedef struct {
	const char *image;
	const char *wanted; /* must stand in the message */
} refusal;

static const refusal refusals[] = {
	{ "map", "module refused, read > table: found a Map" },
	{ "set", "module refused, seen: found a Set" },
	{ "typed-array", "module refused, samples: found a" },
	{ "buffer", "module refused, pool: found an ArrayBuffer" },
	{ "promise", "module refused, ready: found a promise" },
	{ "generator", "module refused, next: found a generator" },
	{ "regexp", "module refused, pattern: found a RegExp" },
	{ "hidden-map", "module refused, lookup > cache: found a Map" },
	{ "date", "Cannot preload" },
	{ "throws", "RangeError: at top level" },
	{ "missing", "Cannot import \"nowhere\"" },
};

static void refuse(const refusal *it)
{
	char path[300];
	char error[400] = "";
	snprintf(path, sizeof path, "%s/refused-%s.xsi", LUGH_TEST_IMAGES, it->image);
	lugh_root_options options = { .image_path = path };
	lugh_root *root = lugh_root_create(&options, error, sizeof error);
	expect(!root, "a root that clones could write to is refused", it->image);
	expect(strstr(error, it->wanted) != NULL, "the refusal names module and value", error);
	lugh_root_destroy(root);
}

static size_t read_image(char *bytes, size_t limit)
{
	FILE *file = fopen(LUGH_TEST_IMAGES "/programs.xsi", "rb");
	size_t length = file ? fread(bytes, 1, limit, file) : 0;
	if (file)
		fclose(file);
	return length;
}

static int loads(const char *bytes, size_t length, const char *wanted)
{
	char error[400] = "";
	const char *path = LUGH_TEST_IMAGES "/damaged.xsi";
	FILE *file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, length, file) != length)
		return 1;
	fclose(file);
	lugh_root_options options = { .image_path = path };
	lugh_root *root = lugh_root_create(&options, error, sizeof error);
	int refused = !root && strstr(error, wanted);
	if (!refused)
		printf("wanted \"%s\", found \"%s\"\n", wanted, error);
	lugh_root_destroy(root);
	return !refused;
}

enum { IMAGE_BYTES = 1024 * 1024, ORDER_AT = 8, ENGINE_AT = 13, COUNT_AT = 20, ENTRY_AT = 32 };

static void damaged_images_are_refused(void)
{
	char *image = malloc(IMAGE_BYTES);
	size_t length = image ? read_image(image, IMAGE_BYTES) : 0;
	expect(length > ENTRY_AT, "the test image is there", "");
	expect(!loads(image, length - 1, "its length"), "a truncated image is refused", "");
	expect(!loads(image, 10, "another size"), "a file too short for an image is refused", "");
	image[ENGINE_AT] ^= 1;
	expect(!loads(image, length, "another engine"), "an image for another engine is refused", "");
	image[ENGINE_AT] ^= 1;
	image[0] ^= 1;
	expect(!loads(image, length, "something else"), "a file that is no image is refused", "");
	image[0] ^= 1;
	image[ENTRY_AT + 3] ^= 0x40;
	expect(!loads(image, length, "points outside"), "an entry that points outside is refused", "");
	free(image);
}

void test_roots(void)
{
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
		refuse(&refusals[i]);
	damaged_images_are_refused();
}
