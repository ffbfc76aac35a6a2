// SPDX-License-Identifier: BSD-2-Clause
/*
 * A Linux program without a C library that measures what user space feels: prints `bench NAME
 * NUMBER` lines, of instructions per operation. It reads Count by RDHWR, whose tick is 6.25
 * instructions under -icount shift=0. Each figure but the CPU loop's is the least of several short
 * batches, so that the kernel's tick falls into none of them.
 */
#include <stddef.h>
#include <stdint.h>

#define SYSCALL_EXIT	      4001
#define SYSCALL_FORK	      4002
#define SYSCALL_READ	      4003
#define SYSCALL_WRITE	      4004
#define SYSCALL_EXECVE	      4011
#define SYSCALL_PIPE	      4042
#define SYSCALL_GETPPID	      4064
#define SYSCALL_MMAP	      4090
#define SYSCALL_MUNMAP	      4091
#define SYSCALL_WAIT4	      4114
#define SYSCALL_CLOCK_GETTIME 4263

#define CLOCK_MONOTONIC	      1
#define PROT_READ_WRITE	      3
#define MAP_PRIVATE_ANONYMOUS 0x802
#define PAGE_SIZE	      4096u

#define NS_PER_S 1000000000u

#define BATCHES 20u

void start(const uint32_t *stack);

/* argc, argv and so on lie where sp leads. */
__asm__("	.text\n"
	"	.globl	__start\n"
	"__start:\n"
	"	.set	noreorder\n"
	"	move	$a0, $sp\n"
	"	li	$t0, -8\n"
	"	and	$sp, $sp, $t0\n"
	"	addiu	$sp, $sp, -32\n"
	"	la	$t9, start\n"
	"	jr	$t9\n"
	"	 move	$ra, $zero\n"
	"	.set	reorder\n");

static char **environment;

/* ---- system calls ---- */

/* The fifth and sixth argument go by the stack, but only mmap() has them and they are constant
 * here. */
static long system_call(long number, long argument0, long argument1, long argument2, long argument3,
			long *second)
{
	register long v0 __asm__("v0") = number;
	register long v1 __asm__("v1");
	register long a0 __asm__("a0") = argument0;
	register long a1 __asm__("a1") = argument1;
	register long a2 __asm__("a2") = argument2;
	register long a3 __asm__("a3") = argument3;

	__asm__ volatile(".set noreorder\n\t"
			 "addiu $sp, $sp, -32\n\t"
			 "sw %6, 16($sp)\n\t"
			 "sw $zero, 20($sp)\n\t"
			 "syscall\n\t"
			 "addiu $sp, $sp, 32\n\t"
			 ".set reorder"
			 : "+r"(v0), "=r"(v1), "+r"(a3), "+r"(a0), "+r"(a1), "+r"(a2)
			 : "r"(-1)
			 : "at", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "hi",
			   "lo", "memory");
	if (second != NULL)
		*second = v1;
	return a3 != 0 ? -v0 : v0;
}

static long call3(long number, long argument0, long argument1, long argument2)
{
	return system_call(number, argument0, argument1, argument2, 0, NULL);
}

static long call0(long number)
{
	return system_call(number, 0, 0, 0, 0, NULL);
}

__attribute__((noreturn)) static void leave(long status)
{
	call3(SYSCALL_EXIT, status, 0, 0);
	__builtin_unreachable();
}

static void pipe_make(long ends[2])
{
	ends[0] = system_call(SYSCALL_PIPE, 0, 0, 0, 0, &ends[1]);
	if (ends[0] < 0)
		leave(1);
}

/* ---- time ---- */

static uint32_t count_now(void)
{
	uint32_t count;

	__asm__ volatile("rdhwr %0, $2" : "=r"(count) : : "memory");
	return count;
}

static uint32_t instructions(uint32_t ticks, uint32_t rounds)
{
	return (ticks * 25 + 2 * rounds) / (4 * rounds);
}

/* The least of the batches, per round. */
static uint32_t least(void (*batch)(uint32_t rounds), uint32_t rounds)
{
	uint32_t best = UINT32_MAX;

	batch(rounds);
	for (unsigned int i = 0; i < BATCHES; i++) {
		uint32_t start = count_now(), ticks;

		batch(rounds);
		ticks = count_now() - start;
		if (ticks < best)
			best = ticks;
	}
	return instructions(best, rounds);
}

/* ---- output ---- */

static char *number_write(char *at, uint32_t number)
{
	if (number >= 10)
		at = number_write(at, number / 10);
	*at = (char)('0' + number % 10);
	return at + 1;
}

static char *text_write(char *at, const char *text)
{
	while (*text != '\0')
		*at++ = *text++;
	return at;
}

static void report(const char *name, uint32_t number)
{
	char line[80];
	char *at = text_write(text_write(line, "bench "), name);

	*at++ = ' ';
	at = number_write(at, number);
	*at++ = '\n';
	call3(SYSCALL_WRITE, 1, (long)line, at - line);
}

/* ---- what is measured ---- */

static void cpu_loop(uint32_t rounds)
{
	for (uint32_t i = rounds; i != 0; i--)
		__asm__ volatile("" : "+r"(i));
}

static void getppid_batch(uint32_t rounds)
{
	for (uint32_t i = 0; i < rounds; i++)
		call0(SYSCALL_GETPPID);
}

static long to_partner[2], from_partner[2];

static void partner_run(void)
{
	char byte;

	while (call3(SYSCALL_READ, to_partner[0], (long)&byte, 1) == 1)
		call3(SYSCALL_WRITE, from_partner[1], (long)&byte, 1);
	leave(0);
}

static void pipe_batch(uint32_t rounds)
{
	char byte = 0;

	for (uint32_t i = 0; i < rounds; i++) {
		call3(SYSCALL_WRITE, to_partner[1], (long)&byte, 1);
		call3(SYSCALL_READ, from_partner[0], (long)&byte, 1);
	}
}

static uint32_t pipe_measure(void)
{
	pipe_make(to_partner);
	pipe_make(from_partner);
	if (call0(SYSCALL_FORK) == 0)
		partner_run();
	return least(pipe_batch, 50);
}

/* Mapping and unmapping is part of it, and little of it. */
static void page_fault_batch(uint32_t rounds)
{
	uint32_t size = rounds * PAGE_SIZE;
	long base = system_call(SYSCALL_MMAP, 0, (long)size, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS,
				NULL);

	if (base < 0 && base > -4096)
		leave(1);
	for (uint32_t offset = 0; offset < size; offset += PAGE_SIZE)
		*(volatile uint8_t *)(base + (long)offset) = 1;
	call3(SYSCALL_MUNMAP, base, (long)size, 0);
}

static void child_wait(void)
{
	system_call(SYSCALL_WAIT4, -1, 0, 0, 0, NULL);
}

static void fork_batch(uint32_t rounds)
{
	for (uint32_t i = 0; i < rounds; i++) {
		if (call0(SYSCALL_FORK) == 0)
			leave(0);
		child_wait();
	}
}

static const char *own_path;

static void exec_batch(uint32_t rounds)
{
	static const char *const arguments[] = { "bench", "child", NULL };

	for (uint32_t i = 0; i < rounds; i++) {
		if (call0(SYSCALL_FORK) == 0) {
			call3(SYSCALL_EXECVE, (long)own_path, (long)arguments, (long)environment);
			leave(1);
		}
		child_wait();
	}
}

void start(const uint32_t *stack)
{
	uint32_t argument_count = stack[0], loop;
	static const char done[] = "bench: done\n";
	uint32_t now[2];

	if (argument_count > 1)
		leave(0);
	own_path = (const char *)stack[1];
	environment = (char **)(stack + argument_count + 2);
	call3(SYSCALL_CLOCK_GETTIME, CLOCK_MONOTONIC, (long)now, 0);
	report("linux-ready", now[0] * NS_PER_S + now[1]);
	loop = count_now();
	cpu_loop(10000000);
	report("linux-cpu-loop", instructions(count_now() - loop, 1));
	report("linux-getppid", least(getppid_batch, 200));
	report("linux-pipe", pipe_measure());
	report("linux-page-fault", least(page_fault_batch, 64));
	report("linux-fork", least(fork_batch, 1));
	report("linux-fork-exec", least(exec_batch, 1));
	call3(SYSCALL_WRITE, 1, (long)done, sizeof(done) - 1);
	leave(0);
}
