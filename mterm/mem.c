// SPDX-License-Identifier: BSD-2-Clause
/*
 * `mem`: looking into a guest's memory. Devices are never read: that would change them.
 */
#include <errno.h>

#include <corbel/guest.h>
#include <mterm/command.h>
#include <mterm/hex.h>
#include <mterm/lookup.h>

#define LENGTH_DEFAULT 128u
#define LENGTH_MAX     4096u

static int memory_show(const struct guest *guest, gpa_t address, uint64_t length,
		       struct printer *out)
{
	uint8_t bytes[HEX_ROW_BYTES];
	uint64_t done = 0;

	while (done < length) {
		size_t count = (size_t)MIN(length - done, HEX_ROW_BYTES);
		gpa_t at = gpa_add(address, done);

		if (at.raw < address.raw || guest_memory_read(guest, at, bytes, count) < 0)
			return command_error_format(
				out, -EFAULT,
				"guest %s has no memory at 0x%llx; `guest info %s` shows where",
				guest->name, (unsigned long long)at.raw, guest->name);
		hex_row_print(out, "0x", 12, at.raw, bytes, count);
		done += count;
	}
	return 0;
}

static int show_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	uint64_t address, length = LENGTH_DEFAULT;
	struct guest *guest;
	int result;

	(void)terminal;
	result = number_lookup(out, "ADDRESS", argv[1], &address);
	if (result == 0 && argc > 2)
		result = number_lookup(out, "LENGTH", argv[2], &length);
	if (result < 0)
		return result;
	if (length > LENGTH_MAX)
		return command_error_format(out, -EINVAL, "LENGTH is at most %u bytes", LENGTH_MAX);
	guest = guest_lookup(out, argv[0]);
	if (guest == NULL)
		return -ENOENT;
	result = memory_show(guest, GPA(address), length, out);
	guest_release(guest);
	return result;
}

static const struct command mem_show = {
	.noun = "mem",
	.verb = "show",
	.arguments = "GUEST ADDRESS [LENGTH]",
	.summary = "show bytes of a guest's memory",
	.help = "ADDRESS is the guest's physical address; LENGTH is 128 bytes unless given, 4096 at "
		"most.\nA guest that runs may change them meanwhile.",
	.completion = COMPLETE_GUEST,
	.argument_min = 2,
	.argument_max = 3,
	.run = show_run,
};
COMMAND_REGISTER(mem_show);
