// SPDX-License-Identifier: BSD-2-Clause
/*
 * Errors as a person reads them: the sentence that the finder of a fault writes, and names for the
 * errno values. Not for messages that are no one's error; those go to the log.
 */
#include <corbel/error.h>
#include <lib/printable.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int error_set(struct error *error, int code, const char *format, ...)
{
	va_list arguments;

	if (error == NULL || error->text[0] != '\0')
		return code;
	va_start(arguments, format);
	(void)vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	text_make_printable(error->text);
	return code;
}

static const struct {
	int code;
	const char *name;
} names[] = {
	{ -EPERM, "not permitted" },	 { -ENOENT, "not found" },
	{ -EIO, "input/output error" },	 { -ENXIO, "no such device or address" },
	{ -E2BIG, "too big" },		 { -ENOEXEC, "not an executable image" },
	{ -EAGAIN, "try again" },	 { -ENOMEM, "out of memory" },
	{ -EFAULT, "bad address" },	 { -EBUSY, "busy" },
	{ -EEXIST, "exists already" },	 { -ENODEV, "no such device" },
	{ -EINVAL, "invalid argument" }, { -ENOSPC, "no space left" },
	{ -ERANGE, "out of range" },	 { -ENOTSUP, "not supported" },
	{ -ETIMEDOUT, "timed out" },	 { -EALREADY, "done already" },
};

const char *error_name(int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].code == code)
			return names[i].name;
	}
	return "error";
}
