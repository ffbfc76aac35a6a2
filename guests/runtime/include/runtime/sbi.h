// SPDX-License-Identifier: BSD-2-Clause
/*
 * Calls into the SBI implementation, be it firmware or a hypervisor. (RISC-V SBI
 * specification 2.0.)
 */
#ifndef RUNTIME_SBI_H
#define RUNTIME_SBI_H

#define SBI_EXTENSION_BASE   0x10
#define SBI_EXTENSION_TIME   0x54494d45
#define SBI_EXTENSION_IPI    0x735049
#define SBI_EXTENSION_RFENCE 0x52464e43
#define SBI_EXTENSION_HSM    0x48534d
#define SBI_EXTENSION_SRST   0x53525354
#define SBI_EXTENSION_DBCN   0x4442434e
/* Set aside for experiments (section 17): nobody implements this one. */
#define SBI_EXTENSION_NONE   0x08c0ffee

enum sbi_base_function {
	SBI_BASE_SPEC_VERSION,
	SBI_BASE_IMPLEMENTATION_ID,
	SBI_BASE_IMPLEMENTATION_VERSION,
	SBI_BASE_PROBE,
	SBI_BASE_MVENDORID,
	SBI_BASE_MARCHID,
	SBI_BASE_MIMPID,
};

enum sbi_rfence_function {
	SBI_RFENCE_FENCE_I,
	SBI_RFENCE_SFENCE_VMA,
	SBI_RFENCE_SFENCE_VMA_ASID,
	SBI_RFENCE_HFENCE_GVMA_VMID,
	SBI_RFENCE_HFENCE_GVMA,
	SBI_RFENCE_HFENCE_VVMA_ASID,
	SBI_RFENCE_HFENCE_VVMA,
};

enum sbi_hsm_function {
	SBI_HSM_START,
	SBI_HSM_STOP,
	SBI_HSM_STATUS,
	SBI_HSM_SUSPEND,
};

enum sbi_hsm_state {
	SBI_HSM_STARTED,
	SBI_HSM_STOPPED,
	SBI_HSM_START_PENDING,
	SBI_HSM_STOP_PENDING,
	SBI_HSM_SUSPENDED,
	SBI_HSM_SUSPEND_PENDING,
	SBI_HSM_RESUME_PENDING,
};

#define SBI_HSM_SUSPEND_RETENTIVE     0x00000000
#define SBI_HSM_SUSPEND_NON_RETENTIVE 0x80000000

#define SBI_SRST_SHUTDOWN    0
#define SBI_SRST_COLD_REBOOT 1
#define SBI_SRST_WARM_REBOOT 2

enum sbi_dbcn_function {
	SBI_DBCN_WRITE,
	SBI_DBCN_READ,
	SBI_DBCN_WRITE_BYTE,
};

enum sbi_error {
	SBI_SUCCESS = 0,
	SBI_FAILED = -1,
	SBI_NOT_SUPPORTED = -2,
	SBI_INVALID_PARAM = -3,
	SBI_DENIED = -4,
	SBI_INVALID_ADDRESS = -5,
	SBI_ALREADY_AVAILABLE = -6,
	SBI_ALREADY_STARTED = -7,
	SBI_ALREADY_STOPPED = -8,
};

struct sbi_result {
	long error;
	unsigned long value;
};

struct sbi_result sbi_call_list(unsigned long extension, unsigned long function,
				const unsigned long arguments[6]);

/* Arguments that are left out are zero. */
#define sbi_call(extension, function, ...) \
	sbi_call_list(extension, function, (const unsigned long[6]){ __VA_ARGS__ })

/* Whether the extension is there. */
int sbi_probe(unsigned long extension);

/* Powers off; where that is refused, waits for ever. */
void sbi_shutdown(void) __attribute__((noreturn));

#endif
