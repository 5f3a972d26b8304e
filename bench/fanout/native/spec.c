/* Reading what the load client is told. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

static void die(const char *what)
{
    fprintf(stderr, "load: this cannot be taken: %s\n", what);
    exit(2);
}

static void take(const char *word, char *value)
{
    const char *names[] = {"port", "path", "protocols", "sid_path", "ping", "pong", "event", "senders", "slow", "within"};
    char **places[] = {&spec.port, &spec.path,  &spec.protocols, &spec.sid_path, &spec.ping,
                       &spec.pong, &spec.event, &spec.senders,   &spec.slow,     &spec.within};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!strcmp(word, names[i])) {
            *places[i] = strdup(value);
            return;
        }
    }
    if ((!strcmp(word, "say") || !strcmp(word, "expect")) && spec.step_count < STEPS) {
        asprintf(&spec.steps[spec.step_count++], "%c%s", *word, value);
    } else if (!strcmp(word, "member") && spec.members < MEMBERS) {
        spec.rooms[spec.members] = strdup(strsep(&value, " "));
        spec.tokens[spec.members++] = strdup(value ? value : "");
    } else {
        die(word);
    }
}

void spec_read(const char *path)
{
    static char line[LINE];
    FILE *file = fopen(path, "r");
    if (!file)
        die(path);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        char *value = line, *word = strsep(&value, " ");
        take(word, value ? value : "");
    }
    fclose(file);
    if (!spec.port || !spec.path || !spec.event || !spec.members)
        die("a spec without port, path, event or members");
}
