/* WebSocket frames (RFC 6455, section 5.2), for the load client and for the limit alike. */
#ifndef FRAMES_H
#define FRAMES_H

#include <stdint.h>
#include <string.h>

enum { TEXT = 0x1, CLOSE = 0x8, PING = 0x9, PONG = 0xA };
enum { HEAD_MAX = 14, FROM_CLIENT = 0x80 };

struct frame {
    int opcode;
    uint8_t *payload;
    size_t length;
};

/* Read the frame at `data` and unmask it in place; return its whole size, or 0 while some of it is missing. */
static inline size_t frame_read(uint8_t *data, size_t size, struct frame *frame)
{
    if (size < 2)
        return 0;
    size_t length = data[1] & 0x7F, head = 2, extra = length == 126 ? 2 : length == 127 ? 8 : 0;
    int masked = data[1] & FROM_CLIENT;
    if (size < head + extra + (masked ? 4 : 0))
        return 0;
    if (extra)
        length = 0;
    for (size_t i = 0; i < extra; i++)
        length = length << 8 | data[head++];
    const uint8_t *mask = data + head;
    head += masked ? 4 : 0;
    if (size - head < length)
        return 0;
    frame->opcode = data[0] & 0x0F;
    frame->payload = data + head;
    frame->length = length;
    for (size_t i = 0; masked && i < length; i++)
        frame->payload[i] ^= mask[i & 3];
    return head + length;
}

/* Write the head of an unfragmented frame; return its size. The mask of a client is four zeros, so that the payload
   stays as it is: the server has the same work to take it off. */
static inline size_t frame_head(uint8_t *head, int opcode, size_t length, int from)
{
    size_t size = 2, extra = length < 126 ? 0 : length < 65536 ? 2 : 8;
    head[0] = 0x80 | opcode;
    head[1] = from | (extra == 0 ? length : extra == 2 ? 126 : 127);
    for (size_t i = extra; i-- > 0;)
        head[size++] = length >> (8 * i);
    if (from == FROM_CLIENT) {
        memset(head + size, 0, 4);
        size += 4;
    }
    return size;
}

#endif
