//! The headers of every page: nothing from elsewhere, no framing, nothing kept.

use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::config::PublicUrl;

/// Puts the headers of a page on. `form_action`: the origin or scheme beside our origin that a form of this
/// page may end at, because browsers hold redirects after a form to this list.
pub fn of_page(headers: &mut HeaderMap, base: &PublicUrl, form_action: Option<&str>) {
    let further = form_action.map(|origin| format!(" {origin}")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'{further}; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    // An origin is made of a parsed host and port, so this is always a header value.
    let policy = HeaderValue::from_str(&policy)
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    );
    of_every_answer(headers, base);
}

/// What redirects and protocol answers need as well: a ticket in an address must not leak or be kept.
pub fn of_every_answer(headers: &mut HeaderMap, base: &PublicUrl) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if base.is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}
