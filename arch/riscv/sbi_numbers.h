// SPDX-License-Identifier: BSD-2-Clause
/*
 * Numbers of the RISC-V Supervisor Binary Interface, version 2.0, for both sides of it.
 */
#ifndef RISCV_SBI_NUMBERS_H
#define RISCV_SBI_NUMBERS_H

/* Chapter 3. */
#define SBI_SUCCESS		  0
#define SBI_ERR_FAILED		  (-1)
#define SBI_ERR_NOT_SUPPORTED	  (-2)
#define SBI_ERR_INVALID_PARAM	  (-3)
#define SBI_ERR_DENIED		  (-4)
#define SBI_ERR_INVALID_ADDRESS	  (-5)
#define SBI_ERR_ALREADY_AVAILABLE (-6)
#define SBI_ERR_ALREADY_STARTED	  (-7)
#define SBI_ERR_ALREADY_STOPPED	  (-8)

/* Chapter 5: legacy, used only of firmware that offers no debug console. */
#define SBI_LEGACY_CONSOLE_PUTCHAR 1
#define SBI_LEGACY_CONSOLE_GETCHAR 2

/* Chapter 4. */
#define SBI_EXT_BASE		  0x10
#define SBI_BASE_GET_SPEC_VERSION 0
#define SBI_BASE_GET_IMPL_ID	  1
#define SBI_BASE_GET_IMPL_VERSION 2
#define SBI_BASE_PROBE_EXTENSION  3
#define SBI_BASE_GET_MVENDORID	  4
#define SBI_BASE_GET_MARCHID	  5
#define SBI_BASE_GET_MIMPID	  6
#define SBI_SPEC_VERSION_2_0	  0x02000000

/* Chapter 6. */
#define SBI_EXT_TIME	   0x54494d45
#define SBI_TIME_SET_TIMER 0

/* Chapter 7. */
#define SBI_EXT_IPI  0x735049
#define SBI_IPI_SEND 0

/* Chapter 8. */
#define SBI_EXT_RFENCE		    0x52464e43
#define SBI_RFENCE_FENCE_I	    0
#define SBI_RFENCE_SFENCE_VMA	    1
#define SBI_RFENCE_SFENCE_VMA_ASID  2
#define SBI_RFENCE_HFENCE_GVMA_VMID 3

/* Chapter 9. */
#define SBI_EXT_HSM		      0x48534d
#define SBI_HSM_HART_START	      0
#define SBI_HSM_HART_STOP	      1
#define SBI_HSM_HART_GET_STATUS	      2
#define SBI_HSM_HART_SUSPEND	      3
#define SBI_HSM_STATE_STARTED	      0
#define SBI_HSM_STATE_STOPPED	      1
#define SBI_HSM_STATE_START_PENDING   2
#define SBI_HSM_STATE_SUSPENDED	      4
#define SBI_HSM_SUSPEND_RETENTIVE     0
#define SBI_HSM_SUSPEND_NON_RETENTIVE 0x80000000

/* Chapter 10. */
#define SBI_EXT_SRST		0x53525354
#define SBI_SRST_SYSTEM_RESET	0
#define SBI_SRST_SHUTDOWN	0
#define SBI_SRST_COLD_REBOOT	1
#define SBI_SRST_WARM_REBOOT	2
#define SBI_SRST_REASON_NONE	0
#define SBI_SRST_REASON_FAILURE 1

/* Chapter 12. */
#define SBI_EXT_DBCN	    0x4442434e
#define SBI_DBCN_WRITE	    0
#define SBI_DBCN_READ	    1
#define SBI_DBCN_WRITE_BYTE 2

#endif
