// SPDX-License-Identifier: BSD-2-Clause
/*
 * In place of the shadow, for tests of the virtual processor alone: remembers what it was told.
 */
#include "processor.h"

void shadow_entry_drop(struct arch_vcpu *vcpu, unsigned int index,
		       const struct guest_tlb_entry *entry)
{
	(void)vcpu;
	(void)index;
	shadow_drops++;
	shadow_dropped = *entry;
}
