// SPDX-License-Identifier: BSD-2-Clause
/*
 * FPU and vector state. The units belong to one VCPU at a time; a VCPU gets them at its first
 * instruction that needs them, and its state is saved when it is switched away from, if changed.
 */
#ifndef RISCV_FPU_H
#define RISCV_FPU_H

#include <corbel/vcpu.h>

/* -ENOMEM. Context: thread. */
int fpu_init(struct vcpu *vcpu);
void fpu_destroy(struct vcpu *vcpu);
/* All zero, as after a reset. */
void fpu_reset(struct vcpu *vcpu);

/*
 * After an illegal instruction: gives the guest a unit that it has switched on itself but that is
 * off underneath; true if there was one, the instruction is then to be tried again. VCPU loaded,
 * irq-off.
 */
bool fpu_take(struct vcpu *vcpu);

/* Saves what was changed and takes the units away. VCPU loaded, irq-off. */
void fpu_save(struct vcpu *vcpu);

/*
 * The f registers of the VCPU, for loads and stores on device memory. Such an instruction has just
 * faulted, so the unit is this VCPU's. Irq-off. `size` 4 is boxed into NaN bits.
 */
uint64_t fpu_register_get(unsigned int number);
void fpu_register_set(struct vcpu *vcpu, unsigned int number, uint64_t value, unsigned int size);

#endif
