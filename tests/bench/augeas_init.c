/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The yardstick of `make bench`: a program that does nothing but open Augeas, the
 * cheapest way. */
#include <augeas.h>
#include <stdlib.h>

int main(void)
{
    struct augeas *aug =
        aug_init(NULL, NULL,
                 AUG_NO_STDINC | AUG_NO_MODL_AUTOLOAD | AUG_NO_LOAD | AUG_NO_ERR_CLOSE);

    if (aug == NULL || aug_error(aug) != AUG_NOERROR)
        return EXIT_FAILURE;
    aug_close(aug);
    return EXIT_SUCCESS;
}
