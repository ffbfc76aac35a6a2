// SPDX-License-Identifier: BSD-2-Clause
/*
 * Sizes, spans of time and sets of CPUs as text, and formatting into buffers.
 */
#include <stdio.h>

#include <corbel/cpu.h>
#include <corbel/panic.h>
#include <lib/printable.h>
#include <mterm/text.h>

size_t text_format_list(char *buffer, size_t size, const char *format, va_list arguments)
{
	int length = vsnprintf(buffer, size, format, arguments);

	ASSERT(size > 0 && length >= 0);
	text_make_printable(buffer);
	return MIN((size_t)length, size - 1);
}

size_t text_format(char *buffer, size_t size, const char *format, ...)
{
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	length = text_format_list(buffer, size, format, arguments);
	va_end(arguments);
	return length;
}

void text_blanks_print(struct printer *out, size_t count)
{
	static const char blanks[] = "                ";

	while (count > 0) {
		size_t now = MIN(count, sizeof(blanks) - 1);

		out->write(out, blanks, now);
		count -= now;
	}
}

const char *text_bytes(struct text *into, uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB" };
	unsigned int unit = 0;

	while (unit + 1 < ARRAY_SIZE(units) && bytes >= 1024 && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	text_format(into->text, sizeof(into->text), "%llu %s", (unsigned long long)bytes,
		    units[unit]);
	return into->text;
}

const char *text_duration(struct text *into, uint64_t ns)
{
	unsigned long long ms = ns / NS_PER_MS, seconds = ms / 1000;

	if (seconds < 60)
		text_format(into->text, sizeof(into->text), "%llu.%03llu s", seconds, ms % 1000);
	else
		text_format(into->text, sizeof(into->text), "%llu:%02llu:%02llu", seconds / 3600,
			    seconds / 60 % 60, seconds % 60);
	return into->text;
}

/* The first CPU of the mask from `cpu` on whose bit is `set`; CPU_MAX where there is none. */
static unsigned int cpu_next(cpumask_t mask, unsigned int cpu, bool set)
{
	while (cpu < CPU_MAX && ((mask >> cpu & 1) != 0) != set)
		cpu++;
	return cpu;
}

const char *text_cpus(struct text *into, cpumask_t mask)
{
	unsigned int count = cpu_count(), cpu;
	cpumask_t known = count >= CPU_MAX ? CPUMASK_ALL : ((cpumask_t)1 << count) - 1;
	size_t length = 0;

	mask &= known;
	if (mask == known || mask == 0) {
		text_format(into->text, sizeof(into->text), mask == 0 ? "none" : "all");
		return into->text;
	}
	for (cpu = cpu_next(mask, 0, true); cpu < CPU_MAX; cpu = cpu_next(mask, cpu, true)) {
		unsigned int end = cpu_next(mask, cpu, false);
		char *at = into->text + length;
		size_t room = sizeof(into->text) - length;

		if (end == cpu + 1)
			length += text_format(at, room, "%s%u", length > 0 ? "," : "", cpu);
		else
			length += text_format(at, room, "%s%u-%u", length > 0 ? "," : "", cpu,
					      end - 1);
		cpu = end;
	}
	return into->text;
}
