// SPDX-License-Identifier: BSD-2-Clause
/*
 * Ticket spinlocks. Whoever holds one has interrupts off and so is neither preempted nor put to
 * sleep; keep what is done under one short and bounded.
 */
#ifndef CORBEL_SPINLOCK_H
#define CORBEL_SPINLOCK_H

#include <corbel/arch.h>
#include <corbel/panic.h>

struct spinlock {
	uint32_t next;	/* the ticket that the next comer draws */
	uint32_t owner; /* the ticket that holds the lock */
#ifdef CORBEL_DEBUG
	const struct cpu *holder;
#endif
};

#define SPINLOCK_INIT \
	{             \
		0     \
	}

static inline void spin_init(struct spinlock *lock)
{
	*lock = (struct spinlock)SPINLOCK_INIT;
}

static inline bool spin_is_held(const struct spinlock *lock)
{
#ifdef CORBEL_DEBUG
	return READ_ONCE(lock->holder) == cpu_self();
#else
	return READ_ONCE(lock->next) != READ_ONCE(lock->owner);
#endif
}

/* Context: interrupts off. Does not change them. */
static inline void spin_lock(struct spinlock *lock)
{
	uint32_t ticket;

	ASSERT(!arch_irq_enabled());
#ifdef CORBEL_DEBUG
	ASSERT(lock->holder != cpu_self());
#endif
	ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket)
		arch_cpu_relax();
#ifdef CORBEL_DEBUG
	WRITE_ONCE(lock->holder, cpu_self());
#endif
}

static inline void spin_unlock(struct spinlock *lock)
{
#ifdef CORBEL_DEBUG
	ASSERT(lock->holder == cpu_self());
	WRITE_ONCE(lock->holder, NULL);
#endif
	__atomic_store_n(&lock->owner, lock->owner + 1, __ATOMIC_RELEASE);
}

/* Any context. The result is for spin_unlock_irqrestore(). */
static inline unsigned long spin_lock_irqsave(struct spinlock *lock)
{
	unsigned long flags = arch_irq_save();

	spin_lock(lock);
	return flags;
}

static inline void spin_unlock_irqrestore(struct spinlock *lock, unsigned long flags)
{
	spin_unlock(lock);
	arch_irq_restore(flags);
}

#endif
