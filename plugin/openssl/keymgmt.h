/* Between the files of azkv's key management (provider-keymgmt(7)).
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_KEYMGMT_H
#define MI_TOKEN_OPENSSL_KEYMGMT_H

#include "openssl/key.h"

/* keymgmt.c: which halves there are; the private one of a vault's key too. */
bool keymgmt_has_public(const struct key *k);
bool keymgmt_has_private(const struct key *k);

/* keymgmt-move.c: keys become parameters, and the other way round. */
OSSL_FUNC_keymgmt_import_fn keymgmt_import;
OSSL_FUNC_keymgmt_export_fn keymgmt_export;
OSSL_FUNC_keymgmt_dup_fn keymgmt_dup;

/* keymgmt-gen.c: making keys, which are always foreign. */
OSSL_FUNC_keymgmt_gen_init_fn keygen_init_rsa, keygen_init_ec;
OSSL_FUNC_keymgmt_gen_set_template_fn keygen_set_template;
OSSL_FUNC_keymgmt_gen_set_params_fn keygen_set_params;
OSSL_FUNC_keymgmt_gen_fn keygen_run;
OSSL_FUNC_keymgmt_gen_cleanup_fn keygen_free;

/* keymgmt-names.c: which parameters there are, for those who ask before they use one. */
OSSL_FUNC_keymgmt_import_types_fn names_moved_rsa, names_moved_ec;
OSSL_FUNC_keymgmt_gettable_params_fn names_gettable_rsa, names_gettable_ec;
OSSL_FUNC_keymgmt_settable_params_fn names_settable_ec;
OSSL_FUNC_keymgmt_gen_settable_params_fn names_gen_settable_rsa, names_gen_settable_ec;

#endif
