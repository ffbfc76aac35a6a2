/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual address map that this build is linked for. RTOS_MAP_* comes from guest.mk. For C and
 * assembly. Which maps there are is docs/architecture.md's affair.
 */
#ifndef RTOS_MAP_H
#define RTOS_MAP_H

#if defined(RTOS_MAP_USEG)
#define MAP_NAME       "useg"
#define MAP_KSEG0      0x00000000
#define MAP_KSEG1      0x20000000
#define MAP_KSEG2      0x40000000
#define MAP_KSEG2_LAST 0x7fffffff
#define MAP_ROM	       0x3fc00000
#elif defined(RTOS_MAP_KVM)
#define MAP_NAME       "kvm-te"
#define MAP_KSEG0      0x40000000
#define MAP_KSEG1      0xa0000000 /* every access traps */
#define MAP_KSEG2      0x60000000
#define MAP_KSEG2_LAST 0x7fffffff
#define MAP_ROM	       0x5fc00000
#elif defined(RTOS_MAP_CLASSIC)
#define MAP_NAME       "classic"
#define MAP_KSEG0      0x80000000
#define MAP_KSEG1      0xa0000000
#define MAP_KSEG2      0xc0000000
#define MAP_KSEG2_LAST 0xffffffff
#define MAP_ROM	       0xbfc00000
#else
#error "guest.mk names the map"
#endif

/* EBase after a reset. */
#define MAP_EBASE MAP_KSEG0

/* Where the image lies in RAM; below is room for a firmware's own. */
#define MAP_IMAGE_OFFSET 0x00100000

#define MAP_UART_PHYSICAL 0x180003f8

/* Where user code and data are mapped in tests, and where kernel pages are. */
#define MAP_USER   0x00400000
#define MAP_KERNEL (MAP_KSEG2 + 0x01000000)
/* The linear page table, by Context; see kernel/paging.c. */
#define MAP_TABLE  (MAP_KSEG2 + 0x1f800000)

/* Addresses for TLB entries that are to match nothing. */
#define MAP_UNUSED (MAP_KSEG2 + 0x10000000)

#define MAP_STACK_SIZE 4096

#endif
