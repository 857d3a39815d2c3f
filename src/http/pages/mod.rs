//! The pages: one struct a screen, one template each. Plain data that the doors fill; every
//! decision is made here, the templates only lay it out (they keep to what askama and minijinja
//! both read, so that an installation may replace one). An absent text is an empty one, an absent
//! part an empty `Vec`: the templates know no `Option`.

pub mod device;
mod error;
pub mod error_text;
mod exit;
mod frame;
pub mod identity;
mod leave;
mod logged;
mod login;
mod logout;
mod moment;
mod new_password;
mod operator;
mod parts;
mod select;
mod stub;
#[cfg(test)]
mod tests;
mod warn;

pub use error::ErrorPage;
pub use error_text::Facts;
pub use exit::ExitPage;
pub use frame::{Chrome, Frame};
pub use leave::{LeavePage, Sent};
pub use logged::{Device, LoggedPage, OpenService, Who};
pub use login::{LoginForm, LoginPage};
pub use logout::{LeftService, LogoutPage};
pub use moment::Moment;
pub use new_password::{NewPasswordForm, NewPasswordPage};
pub use operator::OperatorPage;
pub use parts::{Fact, Link, Note, Pair, Press, Sentence};
pub use select::{Entry, Forget, Found, FoundPage, Group, Search, SelectPage};
pub use stub::Stub;
pub use warn::WarnPage;

/// The fixed words of a page: each field with its key in the language file.
macro_rules! words {
    ($name:ident { $($field:ident = $key:literal),* $(,)? }) => {
        /// The fixed words of the page.
        #[derive(Debug, Clone)]
        pub struct $name {
            $(#[doc = $key] pub $field: String,)*
        }

        impl $name {
            /// Reads them in one language.
            pub fn of(lang: &crate::http::lang::Lang) -> Self {
                Self { $($field: lang.say($key),)* }
            }
        }
    };
}
use words;
