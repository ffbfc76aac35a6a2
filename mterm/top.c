// SPDX-License-Identifier: BSD-2-Clause
/*
 * `top`: who uses the processors, and why VCPUs leave their guests. Two samples are taken some
 * time apart; what is shown is the difference.
 */
#include <errno.h>
#include <string.h>

#include <corbel/arch.h>
#include <corbel/cpu.h>
#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/panic.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <mterm/command.h>
#include <mterm/lookup.h>
#include <mterm/screen.h>
#include <mterm/table.h>
#include <mterm/terminal.h>
#include <mterm/text.h>

/* What there is more of than this is not shown. */
#define THREADS_MAX	  256u
#define VCPUS_MAX	  128u
#define SECONDS_MAX	  3600u
#define COUNT_MAX	  1000000u
/* On the screen, so that the processors and the exits stay in sight. */
#define THREADS_ON_SCREEN 12u
#define KEY_CONTROL_C	  0x03

struct thread_sample {
	unsigned int id;
	bool idle;
	char name[THREAD_NAME_SIZE];
	uint64_t time_ns;
};

struct vcpu_sample {
	unsigned int guest_id, index;
	char guest_name[GUEST_NAME_SIZE];
	uint64_t exits[VCPU_EXIT_CAUSE_MAX];
};

/* One moment. Large: allocated. */
struct sample {
	uint64_t time_ns;
	uint64_t idle_ns[CPU_MAX];
	unsigned int thread_count, vcpu_count;
	struct thread_sample threads[THREADS_MAX];
	struct vcpu_sample vcpus[VCPUS_MAX];
};

/* ---- taking a sample ---- */

static bool thread_is_idle(const struct thread *thread)
{
	for (unsigned int index = 0; index < cpu_count(); index++) {
		if (cpu_get(index)->idle == thread)
			return true;
	}
	return false;
}

static void thread_take(struct thread *thread, void *argument)
{
	struct sample *sample = argument;
	struct thread_sample *taken;

	if (sample->thread_count == THREADS_MAX)
		return;
	taken = &sample->threads[sample->thread_count++];
	taken->id = thread->id;
	taken->idle = thread_is_idle(thread);
	memcpy(taken->name, thread->name, sizeof(taken->name));
	taken->time_ns = thread_run_time(thread);
}

static void guest_take(struct guest *guest, void *argument)
{
	struct sample *sample = argument;

	for (unsigned int i = 0; i < guest->vcpu_count; i++) {
		struct vcpu_sample *taken;

		if (sample->vcpu_count == VCPUS_MAX)
			return;
		taken = &sample->vcpus[sample->vcpu_count++];
		taken->guest_id = guest->id;
		taken->index = i;
		memcpy(taken->guest_name, guest->name, sizeof(taken->guest_name));
		for (unsigned int cause = 0; cause < VCPU_EXIT_CAUSE_MAX; cause++)
			taken->exits[cause] = READ_ONCE(guest->vcpus[i]->exit_counts[cause]);
	}
}

static void sample_take(struct sample *sample)
{
	sample->time_ns = time_now();
	sample->thread_count = 0;
	sample->vcpu_count = 0;
	for (unsigned int index = 0; index < cpu_count(); index++) {
		const struct thread *idle = cpu_get(index)->idle;

		sample->idle_ns[index] = idle == NULL ? 0 : thread_run_time(idle);
	}
	thread_for_each(thread_take, sample);
	guest_for_each(guest_take, sample);
}

/* ---- the difference ---- */

/* Time of the thread between the samples; of one that is new, all it has used. */
static uint64_t thread_used(const struct sample *before, const struct thread_sample *now)
{
	for (unsigned int i = 0; i < before->thread_count; i++) {
		if (before->threads[i].id == now->id)
			return now->time_ns - MIN(before->threads[i].time_ns, now->time_ns);
	}
	return now->time_ns;
}

static const struct vcpu_sample *vcpu_before(const struct sample *before,
					     const struct vcpu_sample *now)
{
	for (unsigned int i = 0; i < before->vcpu_count; i++) {
		if (before->vcpus[i].guest_id == now->guest_id &&
		    before->vcpus[i].index == now->index)
			return &before->vcpus[i];
	}
	return NULL;
}

/* Tenths of a per cent. The samples of a figure are not taken at the very same moment: cut. */
static unsigned int permille(uint64_t part_ns, uint64_t whole_ns)
{
	return whole_ns == 0 ? 0 : (unsigned int)MIN(part_ns * 1000 / whole_ns, 1000);
}

/* ---- printing it ---- */

static void percent_cell(struct table *table, unsigned int tenths)
{
	table_cell(table, "%u.%u", tenths / 10, tenths % 10);
}

static void cpus_print(const struct sample *before, const struct sample *now, struct printer *out)
{
	uint64_t elapsed_ns = now->time_ns - before->time_ns;

	print(out, "idle:");
	for (unsigned int index = 0; index < cpu_count(); index++) {
		uint64_t idle_ns =
			now->idle_ns[index] - MIN(before->idle_ns[index], now->idle_ns[index]);
		unsigned int tenths = permille(idle_ns, elapsed_ns);

		print(out, " CPU %u %u.%u %%%s", index, tenths / 10, tenths % 10,
		      index + 1 < cpu_count() ? "," : "");
	}
	print(out, "\n\n");
}

static const struct table_column thread_columns[] = {
	{ "CPU %", true },
	{ "ID", true },
	{ "THREAD", false },
	{ "TIME", true },
};

/* The thread that used most of those not yet shown; THREADS_MAX where all are. */
static unsigned int thread_busiest(const uint64_t *used_ns, unsigned int count)
{
	unsigned int busiest = THREADS_MAX;

	for (unsigned int i = 0; i < count; i++) {
		if (used_ns[i] == UINT64_MAX)
			continue;
		if (busiest == THREADS_MAX || used_ns[i] > used_ns[busiest])
			busiest = i;
	}
	return busiest;
}

/* `used_ns` has room for THREADS_MAX figures. */
static void threads_print(const struct sample *before, const struct sample *now, unsigned int limit,
			  uint64_t *used_ns, struct printer *out)
{
	uint64_t elapsed_ns = now->time_ns - before->time_ns;
	struct table table;
	struct text text;
	unsigned int i;

	for (i = 0; i < now->thread_count; i++)
		used_ns[i] =
			now->threads[i].idle ? UINT64_MAX : thread_used(before, &now->threads[i]);
	table_init(&table, thread_columns, ARRAY_SIZE(thread_columns));
	while (limit-- > 0) {
		i = thread_busiest(used_ns, now->thread_count);
		if (i == THREADS_MAX)
			break;
		percent_cell(&table, permille(used_ns[i], elapsed_ns));
		table_cell(&table, "%u", now->threads[i].id);
		table_cell(&table, "%s", now->threads[i].name);
		table_cell(&table, "%s", text_duration(&text, now->threads[i].time_ns));
		used_ns[i] = UINT64_MAX;
	}
	table_print(&table, out);
	table_clear(&table);
}

static const struct table_column vcpu_columns[] = {
	{ "GUEST", false },
	{ "VCPU", true },
	{ "EXITS/S", true },
	{ "BY CAUSE", false },
};

/* "timer 100, mmio 20": exits per second of each cause that had any; the value is their sum. */
static uint64_t causes_format(const struct vcpu_sample *before, const struct vcpu_sample *now,
			      uint64_t elapsed_ns, char *text, size_t size)
{
	uint64_t total = 0;
	size_t length = 0;

	text[0] = '\0';
	for (unsigned int cause = 0; cause < arch_exit_cause_count; cause++) {
		uint64_t earlier = before == NULL ? 0 : before->exits[cause];
		uint64_t count = now->exits[cause] - MIN(earlier, now->exits[cause]);
		uint64_t rate = count * NS_PER_MS / MAX(elapsed_ns / 1000, 1);

		total += rate;
		if (count > 0)
			length += text_format(text + length, size - length, "%s%s %llu",
					      length > 0 ? ", " : "", arch_exit_cause_name(cause),
					      (unsigned long long)rate);
	}
	return total;
}

static void vcpus_print(const struct sample *before, const struct sample *now, struct printer *out)
{
	uint64_t elapsed_ns = now->time_ns - before->time_ns;
	char causes[TABLE_CELL_SIZE];
	struct table table;

	table_init(&table, vcpu_columns, ARRAY_SIZE(vcpu_columns));
	for (unsigned int i = 0; i < now->vcpu_count; i++) {
		const struct vcpu_sample *vcpu = &now->vcpus[i];
		uint64_t total = causes_format(vcpu_before(before, vcpu), vcpu, elapsed_ns, causes,
					       sizeof(causes));

		table_cell(&table, "%s", vcpu->guest_name);
		table_cell(&table, "%u", vcpu->index);
		table_cell(&table, "%llu", (unsigned long long)total);
		table_cell(&table, "%s", causes);
	}
	table_print(&table, out);
	table_clear(&table);
}

/* ---- the command ---- */

struct top {
	struct sample samples[2];
	uint64_t used_ns[THREADS_MAX];
	uint64_t interval_ns;
	uint64_t count; /* how often to print; 0: refresh the screen until a key ends it */
};

static void report_print(struct top *top, const struct sample *before, const struct sample *now,
			 struct printer *out)
{
	cpus_print(before, now, out);
	threads_print(before, now, top->count == 0 ? THREADS_ON_SCREEN : THREADS_MAX, top->used_ns,
		      out);
	if (now->vcpu_count > 0) {
		print(out, "\n");
		vcpus_print(before, now, out);
	}
}

static void batch_run(struct top *top, struct printer *out)
{
	sample_take(&top->samples[0]);
	for (uint64_t i = 0; i < top->count; i++) {
		struct sample *before = &top->samples[i % 2], *now = &top->samples[(i + 1) % 2];

		thread_sleep_until(before->time_ns + top->interval_ns);
		sample_take(now);
		if (i > 0)
			print(out, "\n");
		report_print(top, before, now, out);
	}
}

/* Until the deadline, or a key that ends the command: then false. */
static bool keys_wait(struct terminal *terminal, uint64_t deadline_ns)
{
	while (time_now() < deadline_ns) {
		int key = terminal->read_byte(deadline_ns);

		if (key == 'q' || key == 'Q' || key == KEY_CONTROL_C)
			return false;
		if (key < 0 && key != -EAGAIN)
			thread_sleep_until(deadline_ns);
	}
	return true;
}

static void screen_run(struct top *top, struct terminal *terminal, struct printer *out)
{
	struct screen screen;
	unsigned int i = 0;

	sample_take(&top->samples[0]);
	print(out, "measuring; q ends\n");
	while (keys_wait(terminal, top->samples[i].time_ns + top->interval_ns)) {
		struct text text;

		sample_take(&top->samples[1 - i]);
		screen_begin(&screen, out);
		print(&screen.printer, "up %s; every %s; q ends\n",
		      text_duration(&text, time_now()),
		      text_duration(&(struct text){ "" }, top->interval_ns));
		report_print(top, &top->samples[i], &top->samples[1 - i], &screen.printer);
		screen_end(&screen);
		i = 1 - i;
	}
}

/* A number from 1 to the limit. */
static int figure_parse(struct printer *out, const char *what, const char *text, uint64_t limit,
			uint64_t *figure)
{
	int result = number_lookup(out, what, text, figure);

	if (result == 0 && (*figure == 0 || *figure > limit))
		result = command_error_format(out, -EINVAL, "%s must be from 1 to %llu", what,
					      (unsigned long long)limit);
	return result;
}

static int arguments_parse(struct printer *out, int argc, char **argv, struct top *top)
{
	uint64_t seconds = 1;
	int result = 0;

	top->count = 0;
	for (int i = 0; i < argc && result == 0; i++) {
		bool count = strcmp(argv[i], "-n") == 0;
		const char *what = count ? "COUNT" : "SECONDS";

		if (count || strcmp(argv[i], "-d") == 0)
			i++;
		if (i == argc)
			return command_error_format(out, -EINVAL, "%s is missing behind %s", what,
						    argv[i - 1]);
		if (count)
			result = figure_parse(out, what, argv[i], COUNT_MAX, &top->count);
		else
			result = figure_parse(out, what, argv[i], SECONDS_MAX, &seconds);
	}
	top->interval_ns = seconds * NS_PER_S;
	return result;
}

static int top_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	struct top *top = object_alloc(sizeof(*top));
	int result;

	if (top == NULL)
		return command_error_format(out, -ENOMEM, "no memory to measure with");
	result = arguments_parse(out, argc, argv, top);
	if (result == 0 && top->count > 0)
		batch_run(top, out);
	else if (result == 0)
		screen_run(top, terminal, out);
	object_free(top);
	return result;
}

static const struct command top_command = {
	.noun = "top",
	.arguments = "[-n COUNT] [-d SECONDS]",
	.summary = "show who uses the processors, and exits per second",
	.help = "The screen is refreshed every second, or every SECONDS, until q or Ctrl-C is typed. "
		"With -n the figures\nare printed COUNT times, one below the other.",
	.argument_max = 4,
	.run = top_run,
};
COMMAND_REGISTER(top_command);
