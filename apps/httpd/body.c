// apps/httpd/body.c: body_read, one switch over what comes next.
#include "apps/httpd/body.h"

#include "apps/httpd/token.h"
#include "crt/str.h"

enum phase : uint8_t {
	CONTENT, // `left` bytes of a sized body
	SIZE,    // the first digit of a chunk's size
	DIGITS,  // another, or an extension, or the end of the line
	EXTENSION_NEXT,
	NAME_START,
	NAME,
	NAME_END, // blanks behind a name
	VALUE_START,
	VALUE,
	QUOTED,
	ESCAPED,
	QUOTED_END,
	SIZE_LF,
	CHUNK, // `left` bytes of this chunk
	CHUNK_CR,
	CHUNK_LF,
	TRAILER, // a field, or the empty line that ends it all
	FIELD_NAME,
	FIELD_VALUE,
	FIELD_LF,
	END_LF,
	BROKEN,
};

// The fewest bytes from a phase to the end of the body, if no content were left: "0 CR LF CR LF" from SIZE. Where content is
// left, there is one more chunk before that end: CONTENT CR LF and the five.
static const uint8_t shortest[] = {
	[SIZE] = 5,       [DIGITS] = 4,      [EXTENSION_NEXT] = 6, [NAME_START] = 5, [NAME] = 4,
	[NAME_END] = 6,   [VALUE_START] = 5, [VALUE] = 4,          [QUOTED] = 5,     [ESCAPED] = 6,
	[QUOTED_END] = 4, [SIZE_LF] = 3,     [CHUNK] = 2,          [CHUNK_CR] = 7,   [CHUNK_LF] = 6,
	[TRAILER] = 2,    [FIELD_NAME] = 5,  [FIELD_VALUE] = 4,    [FIELD_LF] = 3,   [END_LF] = 1,
};

struct body body_sized(uint64_t content_bytes, uint64_t allowed)
{
	return (struct body){.phase = CONTENT, .left = content_bytes, .allowed = allowed};
}

struct body body_chunked(uint64_t allowed)
{
	return (struct body){.phase = SIZE, .allowed = allowed};
}

uint64_t body_least(const struct body *body)
{
	if (body->phase == CONTENT)
		return body->left;
	return shortest[body->phase] + (body->left > 0 ? body->left + 5 : 0);
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static bool is_text(char byte)
{
	return byte == '\t' || !ascii_is_control(byte);
}

// What may stand behind a whole extension, or behind the size itself. [RFC 9112 §7.1.1]
static enum phase after_extension(char byte)
{
	if (byte == '\r')
		return SIZE_LF;
	if (byte == ';')
		return NAME_START;
	return is_blank(byte) ? EXTENSION_NEXT : BROKEN;
}

// One digit more. A size has 16 at most, zeros in front included: they would else be a way to send for ever.
static enum phase take_digit(struct body *body, int value)
{
	if (body->digits == 16)
		return BROKEN;
	body->digits++;
	body->left = body->left << 4 | (unsigned)value;
	return DIGITS;
}

// What comes after this byte. Only content is not looked at here.
static enum phase next_phase(struct body *body, char byte)
{
	int digit = ascii_hex_value(byte);
	bool is_tchar = set_has(TOKEN, byte);

	switch ((enum phase)body->phase) {
	case SIZE: // chunk-size = 1*HEXDIG [RFC 9112 §7.1]
		body->digits = 0;
		return digit >= 0 ? take_digit(body, digit) : BROKEN;
	case DIGITS:
		return digit >= 0 ? take_digit(body, digit) : after_extension(byte);

	// *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )
	case EXTENSION_NEXT:
		return byte == '\r' ? BROKEN : after_extension(byte);
	case NAME_START:
		return is_blank(byte) ? NAME_START : is_tchar ? NAME : BROKEN;
	case NAME:
		if (is_blank(byte))
			return NAME_END;
		if (byte == '=')
			return VALUE_START;
		return is_tchar ? NAME : after_extension(byte);
	case NAME_END:
		if (byte == '=')
			return VALUE_START;
		return is_blank(byte) ? NAME_END : byte == ';' ? NAME_START : BROKEN;
	case VALUE_START:
		if (byte == '"')
			return QUOTED;
		return is_blank(byte) ? VALUE_START : is_tchar ? VALUE : BROKEN;
	case VALUE:
		return is_tchar ? VALUE : after_extension(byte);
	case QUOTED: // [RFC 9110 §5.6.4]
		if (byte == '"')
			return QUOTED_END;
		return byte == '\\' ? ESCAPED : is_text(byte) ? QUOTED : BROKEN;
	case ESCAPED:
		return is_text(byte) ? QUOTED : BROKEN;
	case QUOTED_END:
		return after_extension(byte);

	// Every line ends with CR LF, as in request.c.
	case SIZE_LF:
		return byte != '\n' ? BROKEN : body->left > 0 ? CHUNK : TRAILER;
	case CHUNK_CR:
		return byte == '\r' ? CHUNK_LF : BROKEN;
	case CHUNK_LF:
		return byte == '\n' ? SIZE : BROKEN;

	// Fields, with the grammar of those of the head, no folding [RFC 9112 §7.1.2]. What they say is dropped: a
	// trailer cannot change how the body is framed or who is asked [RFC 9110 §6.5.1].
	case TRAILER:
		return byte == '\r' ? END_LF : is_tchar ? FIELD_NAME : BROKEN;
	case FIELD_NAME:
		return byte == ':' ? FIELD_VALUE : is_tchar ? FIELD_NAME : BROKEN;
	case FIELD_VALUE:
		return byte == '\r' ? FIELD_LF : is_text(byte) ? FIELD_VALUE : BROKEN;
	case FIELD_LF:
		return byte == '\n' ? TRAILER : BROKEN;
	default:
		return BROKEN;
	}
}

// Whether a byte that has led to this phase is one of those that are counted as extra.
static bool is_extra(enum phase phase)
{
	return (phase >= EXTENSION_NEXT && phase <= QUOTED_END) || (phase >= FIELD_NAME && phase <= FIELD_LF);
}

enum body_state body_read(struct body *body, struct str bytes, size_t *used)
{
	for (size_t at = 0;;) {
		*used = at;
		if (body->phase == CONTENT || body->phase == CHUNK) {
			if (body->left > body->allowed)
				return BODY_TOO_LARGE;
			size_t part = bytes.len - at < body->left ? bytes.len - at : (size_t)body->left;
			at += part;
			*used = at;
			body->left -= part;
			body->allowed -= part;
			if (body->left > 0)
				return BODY_MORE;
			if (body->phase == CONTENT)
				return BODY_END;
			body->phase = CHUNK_CR;
		}
		if (at == bytes.len)
			return BODY_MORE;

		char byte = bytes.ptr[at++];
		if (body->phase == END_LF) {
			*used = at;
			return byte == '\n' ? BODY_END : BODY_BAD;
		}
		body->phase = next_phase(body, byte);
		body->extra += is_extra((enum phase)body->phase);
		if (body->phase == BROKEN)
			return BODY_BAD;
		if (body->left > body->allowed || body->extra > BODY_EXTRA_BYTES_MAX)
			return BODY_TOO_LARGE;
	}
}
