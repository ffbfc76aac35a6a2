// SPDX-License-Identifier: BSD-2-Clause
/*
 * The MIPS port's part of core's structures. The virtual processor is the part that emulate.h's
 * functions work on; it depends on nothing of the host, so that it is tested on the build machine.
 * The offsets that assembly uses are checked in offsets.h.
 */
#ifndef ARCH_TYPES_H
#define ARCH_TYPES_H

#include <arch/access.h>
#include <corbel/time.h>
#include <corbel/types.h>

struct address_map;
struct cpu;
struct gmem_piece;
struct processor_model;
struct vcpu;
struct vcpu_exit;

#define ARCH_STACK_ALIGNMENT 8

#define HOST_TLB_MAX 64u

/* Of whom an entry of the host's TLB is a shadow. */
struct host_tlb_slot {
	uint32_t first, page; /* two pages of `page` bytes; 0: nothing is in the slot */
	uint32_t tag;	      /* arch_vcpu.shadow_tag */
	uint8_t asid;	      /* the host's */
	uint8_t index;	      /* of the guest's entry; SHADOW_UNMAPPED: of an unmapped segment */
};

/* First in struct cpu. */
struct arch_cpu {
	struct vcpu *loaded;  /* whose translations and registers this CPU holds; NULL: nobody's */
	uint64_t ticks;	      /* Count as last read, extended to 64 bits */
	uint32_t ticks_low;   /* the same as Count, for other CPUs to read */
	uint64_t timer_ticks; /* when timer_interrupt() is due; UINT64_MAX: never */
	struct host_tlb_slot tlb[HOST_TLB_MAX];
	uint32_t tlb_next;	  /* the slot that is replaced next */
	uint32_t asid_era;	  /* within one, a generation's number comes once */
	uint32_t asid_generation; /* of all ASIDs given out since the TLB was last empty */
	uint32_t asid_next;
};

/* First in struct thread. */
struct arch_thread {
	uint32_t sp;	 /* while not running: below the callee-saved registers */
	struct cpu *cpu; /* while running */
};

/* ---- the virtual processor ---- */

/* Index of a CP0 register in arch_vcpu.cp0: as MFC0 names it, `rd` and `sel`. */
#define CP0(number, select) ((number)*8u + (select))
#define CP0_REGISTERS	    256u

#define GUEST_TLB_MAX 64u
#define TLB_CHAINS    64u

/* Spaces of translations: user mode, kernel mode and ERL, each by ASID. */
#define SHADOW_SPACES	(3u * 256u)
#define SHADOW_UNMAPPED 0xffu

/*
 * An entry of a guest's TLB. PRA "TLB Organization". `mask` is PageMask's: a pair covers
 * (mask | 0x1fff) + 1 bytes. Bits of vpn2 below the mask are clear.
 */
struct guest_tlb_entry {
	uint32_t vpn2;	     /* address of the even page, ASID bits clear */
	uint32_t mask;	     /* 0, 0x6000, 0x1e000, ... */
	uint32_t entrylo[2]; /* PFN, C, D, V as in EntryLo0/1; the G bit clear */
	uint8_t asid;
	bool global;
	bool usable; /* not invalidated by EntryHi.EHINV or TLBINV */
};

/* What emulation changed, for the run loop to look at before the next entry. */
enum guest_change {
	GUEST_CHANGE_MODE = 1u << 0,   /* virtual kernel/user mode, ERL */
	GUEST_CHANGE_ASID = 1u << 1,   /* EntryHi.ASID */
	GUEST_CHANGE_TIMER = 1u << 2,  /* vcount_deadline() gives another moment */
	GUEST_CHANGE_USER = 1u << 3,   /* UserLocal, HWREna, Status.CU1: what user code sees */
	GUEST_CHANGE_LINKED = 1u << 4, /* LLbit is to be cleared: enter by ERET, not ERETNC */
};

/*
 * What the host does with its caches for a CACHE or SYNCI of the guest. Operations that could lose
 * another's data or show stale one are replaced by their harmless kin: nothing is invalidated that
 * is not written back first.
 */
enum guest_cache_action {
	GUEST_CACHE_CODE_INDEX,	    /* invalidate the instruction line of index `va` */
	GUEST_CACHE_DATA_INDEX,	    /* write back and invalidate the data line of index `va` */
	GUEST_CACHE_CODE,	    /* invalidate the instruction line of `gpa` */
	GUEST_CACHE_DATA_DISCARD,   /* write back and invalidate the data line of `gpa` */
	GUEST_CACHE_DATA_WRITEBACK, /* write back the data line of `gpa` */
	GUEST_CACHE_SYNCHRONIZE,    /* write back data, then invalidate code: SYNCI */
};

struct guest_cache_operation {
	gpa_t gpa; /* not of an index */
	uint32_t va;
	uint8_t action; /* enum guest_cache_action */
};

/* A guest's address space and what all of its VCPUs have in common. */
struct arch_guest {
	const struct address_map *map;
	const struct processor_model *model;
	uint32_t count_hz;    /* of Count; constant */
	uint64_t count_start; /* Count's 64-bit value at 0 ns */
	uint32_t features;    /* enum guest_feature bits */

	/* ---- the host's side ---- */

	struct gmem_piece *pieces; /* sorted by address, disjoint */
	uint32_t piece_count, piece_capacity;
};

enum guest_feature {
	GUEST_FEATURE_FPU = 1u << 0,	    /* Config1.FP */
	GUEST_FEATURE_VECTORED = 1u << 1,   /* Config3.VInt */
	GUEST_FEATURE_BIG_ENDIAN = 1u << 2, /* Config.BE: as the host */
};

/* First in struct vcpu. */
struct arch_vcpu {
	uint32_t gpr[32]; /* gpr[0] stays 0 */
	uint32_t hi, lo;
	uint32_t fcsr; /* for branches: current whenever the guest's FPU is not in the host's */
	/*
	 * Where the guest goes on. With `delay_slot` that is a branch, and what trapped is the
	 * instruction behind it.
	 */
	uint32_t pc;
	uint32_t delay_slot; /* 0 or 1 */
	/*
	 * CP0 registers at CP0(number, select) as they read, but for:
	 *   Count, Random  computed at each read;
	 *   Cause	    what reads is this word | irq_level: IP7 to IP2 in here are the timer's
	 *		    contribution only.
	 */
	uint32_t cp0[CP0_REGISTERS];
	uint32_t irq_level; /* atomic: Cause.IP7 to IP2 (bits 15:10) as devices hold them */
	uint32_t changes;   /* enum guest_change; whoever acts on one clears it */
	const struct address_map *map;
	const struct processor_model *model;
	struct guest_tlb_entry tlb[GUEST_TLB_MAX];
	uint8_t tlb_chains[TLB_CHAINS + 1]; /* tlb.c: where usable entries are found */
	uint8_t tlb_links[GUEST_TLB_MAX];
	uint32_t tlb_size;
	uint32_t random;     /* Random's next value */
	uint64_t count_base; /* 64-bit Count at count_base_ns; or now, while Cause.DC is set */
	uint64_t count_base_ns;
	uint64_t count_base_ticks; /* the same moment on the host's Count */
	bool count_like_host;	   /* both have the same frequency */
	uint32_t count_scale;	   /* ticks per ns, times 2^32 */
	uint32_t count_is_host;	   /* 1: Count reads as the host's and the offset */
	uint32_t count_offset;
	uint32_t count_period;		/* ns per tick, times 2^20 */
	uint64_t count_compare;		/* 64-bit Count at which Compare matches next */
	struct arch_access access;	/* EMULATE_ACCESS: what is being served, */
	struct arch_access_piece piece; /* and the piece of it that is to be done now */
	uint8_t access_bytes_left;	/* from piece.va on */
	uint32_t access_value;		/* to write, in the lowest access_bytes_left bytes */
	uint32_t access_address;
	uint32_t access_next_pc;
	struct guest_cache_operation cache; /* EMULATE_CACHE */

	/* ---- the host's side ---- */

	uint32_t host_sp; /* of the VCPU's thread, while the guest runs */
	struct arch_thread *host_thread;
	/* CP0 of the last exit; BadInstr and BadInstrP where the host has them. */
	uint32_t host_cause, host_badvaddr, host_badinstr, host_badinstrp;
	uint32_t entry_status;	    /* the host's Status for the next entry */
	uint32_t entry_clears_link; /* enter by ERET, not ERETNC */
	/* fast.S: what it does about which exception, in the guest's mode; it enters modes itself.
	 */
	const uint32_t *fast_table;
	uint32_t entryhi_user,
		entryhi_kernel; /* the host's EntryHi of each mode; 0: ask shadow.c */
	uint32_t status_mask;	/* cp0_status_writable() */
	uint32_t fast_cp0_count, fast_syscall_count; /* exits that exit_counts lacks as yet */
	/* fast.S, in a delay slot: EPC as it was, else 0; what it does about the branch. */
	uint32_t fast_epc, fast_branch;
	struct vcpu_exit *exit; /* arch_vcpu_run()'s */
	struct timer timer;	/* vcount_deadline() */
	bool timer_due;		/* atomic: it has fired */
	bool waiting;		/* between arch_vcpu_wait_begin() and _end() */
	bool access_pending;	/* pieces of an access are left that core served in part */
	uint32_t shadow_tag;	/* marks this VCPU's entries of the host's TLB; never used twice */
	const struct cpu *shadow_cpu;	      /* on whose TLB they are */
	uint32_t shadow_era;		      /* of the host's ASIDs below */
	uint64_t shadow_slots[GUEST_TLB_MAX]; /* where a shadow of each guest entry may be */
	/* The host's ASID for each space (shadow.c) with its generation; the CPU's generation. */
	uint32_t shadow_asids[SHADOW_SPACES];
	uint32_t shadow_generation;
};

#endif
