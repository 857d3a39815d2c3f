//! Our answers.
//!
//! Always the literal prefix `cas:` (several clients look for it as text), never a DOCTYPE, always the
//! order of the schema in CAS 3.0 Appendix A: user, attributes, proxyGrantingTicket, proxies.

use super::escape::{Forbidden, push_escaped};
use super::names::element_name;
use super::{AUTHENTICATION_DATE, LONG_TERM, NEW_LOGIN};
use crate::protocol::attributes::{Attributes, Value};
use crate::protocol::refusal::Refusal;
use crate::protocol::response::{Standard, Validated};
use crate::protocol::ticket::TicketId;

const OPEN: &str = "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\">\n";
const CLOSE: &str = "</cas:serviceResponse>\n";

/// A ticket was good (CAS 3.0 §2.5.2, §2.6.2).
pub fn success(validated: &Validated) -> String {
    let mut out = String::with_capacity(expected_size(validated));
    out.push_str(OPEN);
    out.push_str("  <cas:authenticationSuccess>\n    <cas:user>");
    push_escaped(&mut out, &validated.user, Forbidden::Mark);
    out.push_str("</cas:user>\n");
    if validated.send_attributes && (validated.standard.is_some() || !validated.attributes.is_empty()) {
        out.push_str("    <cas:attributes>\n");
        if let Some(standard) = &validated.standard {
            push_standard(&mut out, standard);
        }
        push_attributes(&mut out, &validated.attributes);
        out.push_str("    </cas:attributes>\n");
    }
    if let Some(iou) = &validated.pgt_iou {
        out.push_str("    <cas:proxyGrantingTicket>");
        push_escaped(&mut out, iou, Forbidden::Drop);
        out.push_str("</cas:proxyGrantingTicket>\n");
    }
    if !validated.proxies.is_empty() {
        out.push_str("    <cas:proxies>\n");
        for proxy in &validated.proxies {
            out.push_str("      <cas:proxy>");
            push_escaped(&mut out, proxy, Forbidden::Drop);
            out.push_str("</cas:proxy>\n");
        }
        out.push_str("    </cas:proxies>\n");
    }
    out.push_str("  </cas:authenticationSuccess>\n");
    out.push_str(CLOSE);
    out
}

/// A ticket was not good (CAS 3.0 §2.5.3).
pub fn failure(refusal: &Refusal) -> String {
    refused("authenticationFailure", refusal)
}

/// A proxy ticket for whoever holds a proxy-granting one (CAS 3.0 §2.7.2).
pub fn proxy_success(ticket: &TicketId) -> String {
    let ticket = ticket.expose();
    let inner = format!("    <cas:proxyTicket>{ticket}</cas:proxyTicket>\n");
    format!("{OPEN}  <cas:proxySuccess>\n{inner}  </cas:proxySuccess>\n{CLOSE}")
}

/// No proxy ticket (CAS 3.0 §2.7.3).
pub fn proxy_failure(refusal: &Refusal) -> String {
    refused("proxyFailure", refusal)
}

fn refused(element: &str, refusal: &Refusal) -> String {
    let mut out = String::with_capacity(OPEN.len() + CLOSE.len() + refusal.detail.len() + 120);
    out.push_str(OPEN);
    out.push_str(&format!("  <cas:{element} code=\"{}\">", refusal.code));
    push_escaped(&mut out, &refusal.detail, Forbidden::Drop);
    out.push_str(&format!("</cas:{element}>\n"));
    out.push_str(CLOSE);
    out
}

/// The schema requires all three, in this order and before the others.
fn push_standard(out: &mut String, standard: &Standard) {
    push_element(out, AUTHENTICATION_DATE, &standard.authentication_date.iso());
    push_element(out, LONG_TERM, if standard.long_term { "true" } else { "false" });
    push_element(out, NEW_LOGIN, if standard.new_login { "true" } else { "false" });
}

fn push_attributes(out: &mut String, attributes: &Attributes) {
    for (name, values) in attributes.iter() {
        if let Some(element) = element_name(name) {
            // Several values repeat the element (CAS 3.0 §2.5.7).
            for value in values {
                push_element(out, &element, &value.as_text());
            }
        }
    }
}

/// `name` is an NCName: one of ours, or out of [`element_name`].
fn push_element(out: &mut String, name: &str, value: &str) {
    out.push_str("      <cas:");
    out.push_str(name);
    out.push('>');
    push_escaped(out, value, Forbidden::Drop);
    out.push_str("</cas:");
    out.push_str(name);
    out.push_str(">\n");
}

/// Nearly always enough, so that the text is allocated once.
fn expected_size(validated: &Validated) -> usize {
    let mut size = 480 + validated.user.len() + validated.pgt_iou.as_ref().map_or(0, |iou| iou.len() + 60);
    size += validated.proxies.iter().map(|proxy| proxy.len() + 60).sum::<usize>();
    if validated.send_attributes {
        for (name, values) in validated.attributes.iter() {
            for value in values {
                let text = if let Value::Text(text) = value { text.len() } else { 20 };
                size += 2 * name.len() + text + 30;
            }
        }
    }
    size
}
