// apps/httpd/conditions.c: the order of RFC 9110 §13.2.2, from top to bottom.
#include "apps/httpd/conditions.h"

#include "apps/httpd/date.h"
#include "apps/httpd/etag.h"
#include "crt/str.h"

// Whether a field is there, as a date that can be compared with. One that is invalid, or there twice, is to be ignored, and so is
// any where no time of modification is known. [RFC 9110 §13.1.3, §13.1.4]
static bool has_date(const struct field *field, const struct validators *validators, int64_t now, int64_t *date)
{
	return field->is_there && validators->has_modified && date_parse(field_single(field), now, date);
}

enum http_status conditions_judge(const struct wishes *wishes, const struct validators *validators, int64_t now)
{
	int64_t date;
	if (wishes->if_match.is_there) { // [RFC 9110 §13.1.1]
		if (!etag_is_listed(wishes->if_match, STR("If-Match"), validators->tag, ETAG_STRONGLY))
			return HTTP_PRECONDITION_FAILED;
	} else if (has_date(&wishes->if_unmodified_since, validators, now, &date)) { // [RFC 9110 §13.1.4]
		if (validators->modified > date)
			return HTTP_PRECONDITION_FAILED;
	}
	if (wishes->if_none_match.is_there) { // [RFC 9110 §13.1.2]
		if (etag_is_listed(wishes->if_none_match, STR("If-None-Match"), validators->tag, ETAG_WEAKLY))
			return HTTP_NOT_MODIFIED;
	} else if (has_date(&wishes->if_modified_since, validators, now, &date)) { // [RFC 9110 §13.1.3]
		if (validators->modified <= date)
			return HTTP_NOT_MODIFIED;
	}
	return HTTP_OK;
}

bool conditions_let_range(const struct wishes *wishes, const struct validators *validators, int64_t now)
{
	if (!wishes->if_range.is_there)
		return true;
	// A tag, compared strongly; or a date: the very one, and only if it is a strong validator: two contents may have been
	// written in one second. [RFC 9110 §13.1.5, §8.8.2.2]
	struct str text = field_single(&wishes->if_range);
	int64_t date;
	if (validators->has_modified && date_parse(text, now, &date))
		return validators->is_at_rest && date == validators->modified;
	return etag_is(text, validators->tag, ETAG_STRONGLY);
}
