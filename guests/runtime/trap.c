// SPDX-License-Identifier: BSD-2-Clause
/*
 * Exceptions and interrupts of our own guests: contexts that end in an exception, and probes built
 * from them.
 */
#include <runtime/console.h>
#include <runtime/hart.h>
#include <runtime/sbi.h>
#include <runtime/trap.h>

#define REGISTER_RA 1
#define REGISTER_SP 2
#define REGISTER_TP 4
#define REGISTER_A0 10
#define REGISTER_A1 11

#define INSTRUCTION_C_EBREAK 0x9002u

_Static_assert(offsetof(struct trap_frame, pc) == FRAME_PC, "start.S");
_Static_assert(offsetof(struct trap_frame, status) == FRAME_STATUS, "start.S");
_Static_assert(offsetof(struct trap_frame, cause) == FRAME_CAUSE, "start.S");
_Static_assert(offsetof(struct trap_frame, value) == FRAME_VALUE, "start.S");
_Static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "start.S");
_Static_assert(offsetof(struct context, resume_sp) == CONTEXT_SP, "start.S");

void context_enter(struct context *context);
void context_leave(struct context *context) __attribute__((noreturn));
void context_return(void);

const char *trap_cause_name(uint64_t cause)
{
	switch (cause) {
	case CAUSE_FETCH_MISALIGNED:
		return "misaligned fetch";
	case CAUSE_FETCH_ACCESS:
		return "fetch access fault";
	case CAUSE_ILLEGAL_INSTRUCTION:
		return "illegal instruction";
	case CAUSE_BREAKPOINT:
		return "breakpoint";
	case CAUSE_LOAD_MISALIGNED:
		return "misaligned load";
	case CAUSE_LOAD_ACCESS:
		return "load access fault";
	case CAUSE_STORE_MISALIGNED:
		return "misaligned store";
	case CAUSE_STORE_ACCESS:
		return "store access fault";
	case CAUSE_USER_ECALL:
		return "call from U-mode";
	case CAUSE_FETCH_PAGE_FAULT:
		return "fetch page fault";
	case CAUSE_LOAD_PAGE_FAULT:
		return "load page fault";
	case CAUSE_STORE_PAGE_FAULT:
		return "store page fault";
	case CAUSE_VIRTUAL_INSTRUCTION:
		return "virtual instruction";
	default:
		return "exception of another kind";
	}
}

/* Nobody expected it: there is nothing to go back to. */
static void trap_fatal(const struct hart *hart)
{
	console_print(
		"guest: hart %lu stops at an unexpected %s: pc 0x%lx, stval 0x%lx, ra 0x%lx\n",
		(unsigned long)hart->id, trap_cause_name(hart->frame.cause),
		(unsigned long)hart->frame.pc, (unsigned long)hart->frame.value,
		(unsigned long)hart->frame.x[REGISTER_RA]);
	sbi_shutdown();
}

static void interrupt_handle(struct hart *hart)
{
	uint64_t number = hart->frame.cause & ~SCAUSE_INTERRUPT;

	if (number >= INTERRUPT_MAX)
		trap_fatal(hart);
	hart->interrupted = hart->frame;
	csr_clear(CSR_SIE, 1ul << number);
	if (number == INTERRUPT_SOFTWARE)
		csr_clear(CSR_SIP, 1ul << number);
	hart->interrupts[number]++;
}

/* From the vector. It returns to go on where the trap came from. */
void trap_handle(void)
{
	struct hart *hart = hart_self();

	if (hart->frame.cause & SCAUSE_INTERRUPT) {
		interrupt_handle(hart);
		return;
	}
	if (hart->context == NULL || hart->in_trap)
		trap_fatal(hart);
	hart->context->frame = hart->frame;
	context_leave(hart->context);
}

void context_init(struct context *context, uint64_t pc)
{
	*context = (struct context){ .frame = { .pc = pc } };
	context->frame.status = csr_read(CSR_SSTATUS) | SSTATUS_SPP;
}

void context_run(struct context *context)
{
	struct hart *hart = hart_self();
	unsigned long status = csr_read(CSR_SSTATUS);

	csr_clear(CSR_SSTATUS, SSTATUS_SIE);
	context->outer = hart->context;
	hart->context = context;
	context->frame.status &= ~(SSTATUS_SIE | SSTATUS_SPIE);
	if (status & SSTATUS_SIE)
		context->frame.status |= SSTATUS_SPIE;
	context_enter(context);
	hart->context = context->outer;
	csr_set(CSR_SSTATUS, status & SSTATUS_SIE);
}

/* The trap that ended a context, unless it is the breakpoint that marks the regular end. */
static struct trap context_trap(const struct context *context, uint64_t regular_end)
{
	const struct trap_frame *frame = &context->frame;

	if (frame->cause == CAUSE_BREAKPOINT && frame->pc == regular_end)
		return (struct trap){ .taken = false };
	return (struct trap){ .taken = true,
			      .cause = frame->cause,
			      .value = frame->value,
			      .pc = frame->pc };
}

struct trap trap_catch(void (*function)(void *argument), void *argument)
{
	struct context context;

	context_init(&context, (uintptr_t)function);
	context.frame.x[REGISTER_RA] = (uintptr_t)context_return;
	context.frame.x[REGISTER_SP] = (uintptr_t)__builtin_frame_address(0) - 1024;
	context.frame.x[REGISTER_TP] = (uintptr_t)hart_self();
	context.frame.x[REGISTER_A0] = (uintptr_t)argument;
	context_run(&context);
	return context_trap(&context, (uintptr_t)context_return);
}

struct trap context_execute(struct context *context, uint32_t instruction)
{
	static uint16_t code_of_harts[HART_MAX][8] __attribute__((aligned(16)));
	uint16_t *code = code_of_harts[hart_self()->index];
	unsigned int length = (instruction & 3) == 3 ? 2 : 1;

	code[0] = (uint16_t)instruction;
	code[1] = (uint16_t)(instruction >> 16);
	code[length] = INSTRUCTION_C_EBREAK;
	__asm__ volatile("fence.i" : : : "memory");
	context->frame.pc = (uintptr_t)code;
	context_run(context);
	return context_trap(context, (uintptr_t)&code[length]);
}

struct trap trap_execute(uint32_t instruction)
{
	struct context context;

	context_init(&context, 0);
	return context_execute(&context, instruction);
}

/* The field of loads and stores that tells 1, 2, 4 or 8 bytes as 0, 1, 2 or 3. */
static uint32_t instruction_width(unsigned int bytes)
{
	return (bytes == 8 ? 3u : bytes / 2) << 12;
}

struct trap trap_load(uint64_t address, unsigned int bytes, uint64_t *value)
{
	uint32_t zero_extended = bytes < 8 ? 4u << 12 : 0;
	struct context context;
	struct trap trap;

	context_init(&context, 0);
	context.frame.x[REGISTER_A1] = address;
	trap = context_execute(&context, 0x00058503u | instruction_width(bytes) | zero_extended);
	if (value != NULL)
		*value = context.frame.x[REGISTER_A0];
	return trap;
}

struct trap trap_store(uint64_t address, unsigned int bytes, uint64_t value)
{
	struct context context;

	context_init(&context, 0);
	context.frame.x[REGISTER_A0] = value;
	context.frame.x[REGISTER_A1] = address;
	return context_execute(&context, 0x00a58023u | instruction_width(bytes));
}

struct trap trap_jump(uint64_t address)
{
	struct context context;

	context_init(&context, address);
	context.frame.x[REGISTER_RA] = (uintptr_t)context_return;
	context_run(&context);
	return context_trap(&context, (uintptr_t)context_return);
}
