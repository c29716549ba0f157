/*
 * A file behind a simulated flash: its medium, byte for byte, so that it outlives the process.
 *
 * What a sync makes durable is written and handed to the disk with fdatasync before the sync is answered; so is what a power
 * cut leaves. Between these the file is behind, as a medium is behind its cache: a process that is killed loses what no sync
 * had answered, and nothing else. Wear and unstable sectors are not in the file.
 */
#include "flash_state.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int file, const uint8_t *bytes, size_t length, off_t at)
{
	while (length) {
		ssize_t written = pwrite(file, bytes, length, at);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		bytes += written;
		length -= (size_t)written;
		at += written;
	}
	return true;
}

static bool read_all(int file, uint8_t *bytes, size_t length)
{
	off_t at = 0;
	while (length) {
		ssize_t found = pread(file, bytes, length, at);
		if (found < 0 && errno == EINTR)
			continue;
		if (found <= 0)
			return false;
		bytes += found;
		length -= (size_t)found;
		at += found;
	}
	return true;
}

bool file_keep(lugh_flash *flash)
{
	size_t size = flash->options.sector_bytes;
	bool is_written = flash->file >= 0;
	if (flash->file < 0)
		return true;
	for (uint32_t sector = 0; is_written && sector < flash->options.sectors; sector++)
		if (flash->changed[sector])
			is_written = write_all(flash->file, flash->bytes + sector * size, size, (off_t)(sector * size));
	if (!is_written || fdatasync(flash->file))
		return false;
	memset(flash->changed, 0, flash->options.sectors * sizeof(*flash->changed));
	return true;
}

/* The name of a new file is durable only when its folder is. */
static bool sync_folder(const char *path)
{
	char copy[PATH_MAX];
	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return false;
	int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_synced = folder >= 0 && !fsync(folder);
	if (folder >= 0)
		close(folder);
	return is_synced;
}

/* NULL, or why not. */
static const char *adopt(lugh_flash *flash, int file, const char *path)
{
	struct stat found;
	if (flock(file, LOCK_EX | LOCK_NB))
		return "another process uses it";
	if (fstat(file, &found))
		return strerror(errno);
	if (!found.st_size)
		return write_all(file, flash->bytes, flash->total_bytes, 0) && !fdatasync(file) && sync_folder(path) ? NULL : strerror(errno);
	if (found.st_size != (off_t)flash->total_bytes)
		return "it has another size than the flash";
	return read_all(file, flash->bytes, flash->total_bytes) ? NULL : "it cannot be read";
}

bool lugh_flash_keep_in(lugh_flash *flash, const char *path, char *error, size_t error_bytes)
{
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	const char *complaint = file < 0 ? strerror(errno) : adopt(flash, file, path);
	if (complaint) {
		snprintf(error, error_bytes, "Cannot keep flash in %s: %s", path, complaint);
		if (file >= 0)
			close(file);
		return false;
	}
	flash->file = file;
	return true;
}
