//! Whether a post comes from a page of ours: looked at before its token.

use crate::config::PublicUrl;

use super::visit::Visit;

/// Whether the browser says that the post comes from another site. Where it sends `Sec-Fetch-Site` that
/// decides, else `Origin`; a request with neither stands on its token alone.
pub fn is_foreign(visit: &Visit, base: &PublicUrl) -> bool {
    match (visit.fetch_site.as_deref(), visit.origin.as_deref()) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin != base.origin(),
        (None, None) => false,
    }
}
