/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What verify says, as text and in the document. */
#include "cli/report_verify.h"
#include "cli/text.h"

static const struct {
    const char *word, *heading;
    enum exit_class exit;
} results[] = {
    [VERIFY_AS_WANTED] = {"as-wanted", "As wanted", EXIT_CLASS_DONE},
    [VERIFY_NOT] = {"not-as-wanted", "Not as wanted", EXIT_CLASS_NOT_AS_WANTED},
    [VERIFY_PENDING] = {"reboot-pending", "Reboot pending", EXIT_CLASS_REBOOT_PENDING},
    [VERIFY_UNKNOWN] = {"unknown", "Unknown", EXIT_CLASS_NOT_KNOWN},
};

enum exit_class verify_exit(const struct verify *verify)
{
    return verify->rule ? results[verify->rule->result].exit : EXIT_CLASS_NOT_KNOWN;
}

void print_verify(const struct verify *verify)
{
    const struct verify_rule *rule = verify->rule;

    printf("%s: %s", results[rule->result].heading, rule->words);
    if (verify->detail[0]) {
        fputs(": ", stdout);
        text_print(stdout, verify->detail);
    }
    puts(".");
    if (rule->advice)
        printf("To do: %s.\n", rule->advice);
}

struct json *verify_value(const struct verify *verify)
{
    const struct verify_rule *rule = verify->rule;
    struct json *value = json_new_object();

    json_put_text(value, "wanted", verify->facts.want_off ? "off" : "on");
    json_put_text(value, "result", results[rule->result].word);
    json_put_text(value, "running", word_live_state(verify->facts.live));
    json_put_text(value, "cause", rule->cause);
    json_put_text(value, "message", rule->words);
    json_put_text(value, "detail", verify->detail[0] ? verify->detail : NULL);
    json_put_text(value, "advice", rule->advice);
    return value;
}
