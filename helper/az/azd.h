/* azd auth token: the Azure Developer CLI as the SDKs run it.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZ_AZD_H
#define MI_TOKEN_HELPER_AZ_AZD_H

int azd_main(int argc, char **argv);

#endif
