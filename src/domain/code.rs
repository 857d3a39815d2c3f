//! The codes that people read to a help desk. Each names one cause and has one HTTP status.

macro_rules! codes {
    ($( $(#[$doc:meta])* $variant:ident = $text:literal, $status:literal; )+) => {
        /// Why a way ended on a page.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $( $(#[$doc])* $variant, )+
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )+];

            /// The text that stands on the page and in the log.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $text, )+ }
            }

            /// The HTTP status of the page.
            pub fn status(self) -> u16 {
                match self { $( Self::$variant => $status, )+ }
            }
        }
    };
}

codes! {
    /// No rule matches the address.
    ServiceNotRegistered = "service.not_registered", 403;
    /// No rule matches, but one would with https.
    ServiceNotHttps = "service.not_https", 403;
    /// The rule is switched off.
    ServiceDisabled = "service.disabled", 403;
    /// The address cannot be read.
    ServiceMalformed = "service.malformed", 400;
    /// The person is not on the list of the service.
    ServiceUserNotAllowed = "service.user_not_allowed", 403;
    /// No value of an attribute passes the filter.
    ServiceFilter = "service.filter", 403;
    /// The attribute that is sent as the user name is missing.
    ServiceAttributeMissing = "service.attribute_missing", 403;
    /// The service takes no accounts from there.
    ServiceProviderNotAllowed = "service.provider_not_allowed", 403;
    /// No such institution.
    ProviderUnknown = "provider.unknown", 404;
    /// The institution is switched off.
    ProviderDisabled = "provider.disabled", 403;
    /// No answer in time.
    UpstreamTimeout = "upstream.timeout", 504;
    /// No connection.
    UpstreamUnreachable = "upstream.unreachable", 502;
    /// The certificate or the handshake failed.
    UpstreamTls = "upstream.tls", 502;
    /// A status that is not 200.
    UpstreamHttp = "upstream.http", 502;
    /// The institution refused its own ticket.
    UpstreamTicketRejected = "upstream.ticket_rejected", 502;
    /// An answer that is no CAS answer.
    UpstreamBadAnswer = "upstream.bad_answer", 502;
    /// An answer over the limit of size.
    UpstreamTooLarge = "upstream.too_large", 502;
    /// A user name that cannot be one.
    UpstreamUsernameInvalid = "upstream.username_invalid", 502;
    /// The return of a sign-in that this browser did not start, or too long ago.
    UpstreamStateLost = "upstream.state_lost", 400;
    /// Round and round between here and institutions. 502 like its neighbours: what lies upstream does not lead
    /// to an end. (508 belongs to WebDAV, and not every proxy on the way lets it through.)
    UpstreamLoop = "upstream.loop", 502;
    /// Nobody can check the password.
    LoginBackendDown = "login.backend_down", 503;
    /// The request makes no sense.
    RequestMalformed = "request.malformed", 400;
    /// A method that this address does not know.
    RequestMethod = "request.method", 405;
    /// A form that came from another site.
    RequestForeign = "request.foreign", 403;
    /// More than we take in one request.
    RequestTooLarge = "request.too_large", 413;
    /// No such page.
    NotFound = "not_found", 404;
    /// The database did not answer.
    ServerStorage = "server.storage", 503;
    /// Something else broke.
    ServerError = "server.error", 500;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Code::ALL.len());
    }
}
