/* The load client: what it is told, and what its members are.

   It is told by a file of lines, each a word and its value:

   port 8000                     on the loopback
   path /ws/room/{room}          of the WebSocket
   protocols a, bearer.{token}   for Sec-WebSocket-Protocol, if any
   sid_path /socket.io/?...      asked first by plain HTTP; what it says of "sid" stands for {sid} from then on
   say text, expect text         the steps of joining: a text frame to send, a text to wait for in what comes
   ping text, pong text          a text frame that, whenever it comes whole, is answered by the other
   event text                    what a member sends under load: "fanout@{stamp}" in it makes its deliveries known
   senders 50                    how many of the members send, in turn
   slow 1                        how many of the members, the last ones, never read once they have joined
   within 5                      seconds in which all connect, evenly; without it as fast as they join
   member room token             one line a member; these stand for {room} and {token} in all of the above */
#ifndef LOAD_H
#define LOAD_H

#include <stddef.h>
#include <stdint.h>

enum { LINE = 1 << 16, STEPS = 16, MEMBERS = 4096 };
enum state { AWAY, ASKING_SID, UPGRADING, JOINING, JOINED, SLOW, GONE };

struct spec {
    char *port, *path, *protocols, *sid_path, *ping, *pong, *event, *senders, *slow, *within;
    /* A step is the whole line; it begins with s of say or e of expect. */
    char *steps[STEPS], *rooms[MEMBERS], *tokens[MEMBERS];
    int step_count, members;
};

struct member {
    int number, fd, step;
    enum state state;
    char sid[64];
    int64_t begun, joined;
    uint8_t *kept;
    size_t kept_size;
};

void spec_read(const char *path);

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t now(void);
/* What load.c has for the members: what they are told, the epoll that watches them, and where texts go to that come
   to who has joined. */
extern struct spec spec;
extern int poller;
void seen(const uint8_t *text, size_t size);

void member_connect(struct member *member);
void member_handle(struct member *member, uint32_t events);
/* Send one event, with the moment in it. */
void member_speak(struct member *member);
/* Have a slow member read again what has piled up. */
void member_wake(struct member *member);

#endif
