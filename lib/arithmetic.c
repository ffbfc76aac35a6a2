// SPDX-License-Identifier: BSD-2-Clause
/*
 * 64-bit division and comparison out of 32-bit instructions. The compiler's own support library is
 * not linked: it is built for programs, with another calling convention for the floating point.
 */
#include <lib/arithmetic.h>
#include <lib/bitops.h>

/* One digit of 16 bits after the other, as on paper. */
static uint64_t divide_by_short(uint64_t dividend, uint32_t divisor, uint64_t *remainder)
{
	uint64_t quotient = 0;
	uint32_t rest = 0;

	for (int shift = 48; shift >= 0; shift -= 16) {
		rest = rest << 16 | (uint32_t)(dividend >> shift & 0xffff);
		quotient = quotient << 16 | rest / divisor;
		rest %= divisor;
	}
	*remainder = rest;
	return quotient;
}

/* Bit by bit, beginning where the divisor first fits. */
static uint64_t divide_by_long(uint64_t dividend, uint64_t divisor, uint64_t *remainder)
{
	uint64_t quotient = 0;

	if (dividend >= divisor) {
		unsigned int shift = bit_last(dividend) - bit_last(divisor);

		for (divisor <<= shift;; divisor >>= 1) {
			quotient <<= 1;
			if (dividend >= divisor) {
				dividend -= divisor;
				quotient |= 1;
			}
			if (shift-- == 0)
				break;
		}
	}
	*remainder = dividend;
	return quotient;
}

static uint64_t divide(uint64_t dividend, uint64_t divisor, uint64_t *remainder)
{
	if (divisor == 0)
		__builtin_trap();
	if ((dividend | divisor) >> 32 == 0) {
		*remainder = (uint32_t)dividend % (uint32_t)divisor;
		return (uint32_t)dividend / (uint32_t)divisor;
	}
	if (divisor >> 16 == 0)
		return divide_by_short(dividend, (uint32_t)divisor, remainder);
	return divide_by_long(dividend, divisor, remainder);
}

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor)
{
	uint64_t remainder;

	return divide(dividend, divisor, &remainder);
}

uint64_t __umoddi3(uint64_t dividend, uint64_t divisor)
{
	uint64_t remainder;

	divide(dividend, divisor, &remainder);
	return remainder;
}

static uint64_t magnitude(int64_t value)
{
	return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

/* Rounds towards zero. */
int64_t __divdi3(int64_t dividend, int64_t divisor)
{
	uint64_t remainder, quotient = divide(magnitude(dividend), magnitude(divisor), &remainder);

	return (int64_t)((dividend < 0) != (divisor < 0) ? -quotient : quotient);
}

/* Has the sign of the dividend. */
int64_t __moddi3(int64_t dividend, int64_t divisor)
{
	uint64_t remainder;

	divide(magnitude(dividend), magnitude(divisor), &remainder);
	return (int64_t)(dividend < 0 ? -remainder : remainder);
}

int __ucmpdi2(uint64_t left, uint64_t right)
{
	uint32_t left_high = (uint32_t)(left >> 32), right_high = (uint32_t)(right >> 32);
	uint32_t left_low = (uint32_t)left, right_low = (uint32_t)right;

	if (left_high != right_high)
		return left_high < right_high ? 0 : 2;
	if (left_low != right_low)
		return left_low < right_low ? 0 : 2;
	return 1;
}
