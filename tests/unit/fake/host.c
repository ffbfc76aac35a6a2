// SPDX-License-Identifier: BSD-2-Clause
/*
 * The fake port's host: memory, stacks, console and processor, on the development machine.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <corbel/arch.h>
#include <corbel/page.h>
#include <corbel/symbols.h>
#include <fake.h>
#include <lib/sanitizer.h>

#define CONSOLE_SIZE 65536
#define STOP_STATUS  77

struct thread fake_boot_thread = { .cpu = &fake_boot_cpu, .name = "test" };
struct cpu fake_boot_cpu = { .current = &fake_boot_thread, .online = true };

void (*fake_irq_enabled_hook)(void);

static char *ram;
static char console[CONSOLE_SIZE];
static size_t console_length;
static bool stop_ends_process;

/* ---- the processor ---- */

__attribute__((noinline)) struct fake_processor *fake_processor(void)
{
	static __thread struct fake_processor processor = {
		.cpu = &fake_boot_cpu,
		.thread = &fake_boot_thread,
		.irq_enabled = true,
	};

	return &processor;
}

int arch_boot_init(struct error *error)
{
	(void)error;
	return 0;
}

void arch_cpu_init(struct cpu *cpu)
{
	(void)cpu;
}

int arch_cpu_enumerate(void)
{
	return 0;
}

void arch_cpu_stop(void)
{
	if (stop_ends_process) {
		fflush(NULL);
		(void)!write(STDOUT_FILENO, console, console_length);
		_exit(STOP_STATUS);
	}
	fprintf(stderr, "Corbel stopped its CPU:\n%s\n", fake_console_text());
	abort();
}

void arch_host_poweroff(void)
{
}

void arch_host_reboot(void)
{
}

void arch_host_describe(struct printer *printer)
{
	print(printer, "a fake processor\n");
}

void arch_backtrace(void (*visit)(uintptr_t address, void *argument), void *argument)
{
	visit((uintptr_t)__builtin_return_address(0), argument);
}

/* ---- memory ---- */

static void ram_map(void)
{
	if (ram != NULL)
		return;
	ram = mmap(NULL, FAKE_RAM_SIZE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ram == MAP_FAILED) {
		perror("mapping the fake machine's memory");
		abort();
	}
}

void *fake_ram_pointer(uint64_t address)
{
	ram_map();
	if (address < FAKE_RAM_BASE || address - FAKE_RAM_BASE > FAKE_RAM_SIZE) {
		fprintf(stderr, "0x%llx is no address of RAM\n", (unsigned long long)address);
		abort();
	}
	return ram + (address - FAKE_RAM_BASE);
}

uint64_t fake_ram_address(const void *pointer)
{
	ram_map();
	if ((const char *)pointer < ram || (const char *)pointer > ram + FAKE_RAM_SIZE) {
		fprintf(stderr, "%p does not point to RAM\n", pointer);
		abort();
	}
	return FAKE_RAM_BASE + (uint64_t)((const char *)pointer - ram);
}

int fake_memory_setup(void **state)
{
	static bool done;

	(void)state;
	if (!done && page_range_add(HPA(FAKE_RAM_BASE), FAKE_MEMORY_SIZE) != 0)
		return -1;
	done = true;
	return 0;
}

int arch_memory_init(struct error *error)
{
	(void)error;
	return 0;
}

static unsigned int stack_order(size_t size)
{
	unsigned int order = 0;

	while ((PAGE_SIZE << order) < size)
		order++;
	return order;
}

void *arch_stack_alloc(size_t size)
{
	hpa_t stack;

	if (page_alloc(stack_order(size), PAGE_USE_STACK, &stack) != 0)
		return NULL;
	return arch_hpa_to_pointer(stack);
}

void arch_stack_free(void *stack, size_t size)
{
	/* Frames that were left without returning are still marked. */
	memory_allow(stack, size);
	page_free(arch_pointer_to_hpa(stack), stack_order(size), PAGE_USE_STACK);
}

volatile void *arch_io_map(hpa_t base, size_t size)
{
	(void)base;
	(void)size;
	return NULL;
}

void arch_memory_zero(void *page_aligned, size_t size)
{
	memset(page_aligned, 0, size);
}

/* ---- the console ---- */

void arch_early_console_write(const char *text, size_t length)
{
	if (length > sizeof(console) - 1 - console_length)
		console_length = 0;
	length = MIN(length, sizeof(console) - 1);
	memcpy(console + console_length, text, length);
	console_length += length;
	console[console_length] = '\0';
}

int arch_early_console_read(void)
{
	return -1;
}

const char *fake_console_text(void)
{
	return console;
}

void fake_console_reset(void)
{
	console_length = 0;
	console[0] = '\0';
}

/* In the new process. */
__attribute__((noreturn)) static void run_child(void (*function)(void *argument), void *argument,
						int output)
{
	dup2(output, STDOUT_FILENO);
	fake_console_reset();
	stop_ends_process = true;
	function(argument);
	_exit(EXIT_SUCCESS);
}

/* Reads all of it; cut at the buffer's end. */
static void read_all(int input, char *buffer, size_t size)
{
	size_t length = 0;
	ssize_t count;

	while (length < size - 1 && (count = read(input, buffer + length, size - 1 - length)) > 0)
		length += (size_t)count;
	buffer[length] = '\0';
}

const char *fake_run_until_stop(void (*function)(void *argument), void *argument)
{
	static char text[CONSOLE_SIZE];
	int ends[2], status;
	pid_t child;

	fflush(NULL);
	if (pipe(ends) != 0 || (child = fork()) < 0) {
		perror("a process for the test");
		abort();
	}
	if (child == 0)
		run_child(function, argument, ends[1]);
	close(ends[1]);
	read_all(ends[0], text, sizeof(text));
	close(ends[0]);
	if (waitpid(child, &status, 0) != child)
		return NULL;
	return WIFEXITED(status) && WEXITSTATUS(status) == STOP_STATUS ? text : NULL;
}

/* ---- the symbol table that the build links into the real thing ---- */

/* Stands for an image of 4096 bytes with three functions. */
__asm__(".globl __image_start, __text_end\n"
	".section .rodata\n"
	"__image_start: .space 4096\n"
	"__text_end: .byte 0\n"
	".text\n");

const struct symbol_entry symbol_table[] = {
	{ 0x100, 0 },
	{ 0x180, 6 },
	{ 0x800, 13 },
};
const uint32_t symbol_count = ARRAY_SIZE(symbol_table);
const char symbol_names[] = "first\0second\0third";
