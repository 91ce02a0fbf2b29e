/* What a program costs that does nothing: the measure of tests/bench/run.
 * SPDX-License-Identifier: MIT */
int main(void)
{
	return 0;
}
