// SPDX-License-Identifier: BSD-2-Clause
/*
 * FPU and vector state. The units belong to the VCPU that is loaded; its state is saved when it is
 * switched away from, if changed, and loaded when it comes back, if another's was there meanwhile.
 */
#ifndef RISCV_FPU_H
#define RISCV_FPU_H

#include <corbel/vcpu.h>

/* -ENOMEM. Context: thread. */
int fpu_init(struct vcpu *vcpu);
void fpu_destroy(struct vcpu *vcpu);
/* All zero, as after a reset. */
void fpu_reset(struct vcpu *vcpu);

/* Gives the VCPU that is being loaded its contents of the units. Irq-off, before it runs. */
void fpu_load(struct vcpu *vcpu);

/* Saves what was changed and takes the units away. VCPU loaded, irq-off. */
void fpu_save(struct vcpu *vcpu);

/*
 * The f registers of the VCPU, for loads and stores on device memory. Such an instruction has just
 * faulted, so the unit is this VCPU's. Irq-off. `size` 4 is boxed into NaN bits.
 */
uint64_t fpu_register_get(unsigned int number);
void fpu_register_set(struct vcpu *vcpu, unsigned int number, uint64_t value, unsigned int size);

#endif
