//! What other servers send: answers to a validation, and messages that a session is over.

use passerelle::protocol::response::{Answer, Standard, UpstreamUser, Validated};
use passerelle::protocol::slo;
use passerelle::protocol::text as cas1;
use passerelle::protocol::time::Timestamp;
use passerelle::protocol::xml::{self, MAX_VALUES, Reading};

/// A message that was read can be written, and read again as the same.
pub fn logout(data: &[u8]) -> bool {
    let Ok(message) = slo::read(data) else { return false };
    assert!(message.session_indexes.len() <= slo::MAX_SESSION_INDEXES);
    assert!(!message.session_indexes.iter().any(String::is_empty));
    let written = message.to_xml();
    assert_eq!(slo::read(written.as_bytes()), Ok(message), "{written}");
    true
}

/// An answer that was read can be told on: whatever stands in it, our own answer is well-formed, and says
/// the same name.
pub fn xml(data: &[u8]) -> bool {
    let Ok(answer) = xml::read(data, &Reading::default()) else { return false };
    let Answer::Success(who) = answer else { return true };
    assert!(!who.user.is_empty());
    let count: usize = who.attributes.iter().map(|(_, values)| values.len()).sum();
    assert!(count <= MAX_VALUES);
    if count + 3 > MAX_VALUES {
        return true;
    }
    let written = xml::success(&told(&who));
    match xml::read(written.as_bytes(), &Reading::default()) {
        Ok(Answer::Success(again)) => {
            assert_eq!(
                (&again.user, &again.pgt_iou, &again.proxies),
                (&who.user, &who.pgt_iou, &who.proxies)
            );
        }
        other => panic!("{other:?}: {written}"),
    }
    true
}

fn told(who: &UpstreamUser) -> Validated {
    let standard =
        Standard { authentication_date: Timestamp::from_seconds(0), long_term: false, new_login: true };
    Validated {
        user: who.user.clone(),
        attributes: who.attributes.clone(),
        standard: Some(standard),
        send_attributes: true,
        pgt_iou: who.pgt_iou.clone(),
        proxies: who.proxies.clone(),
    }
}

/// A name that came over CAS 1 goes out over it as the same, and stays on its line.
pub fn text(data: &[u8]) -> bool {
    let Ok(answer) = cas1::read(data) else { return false };
    let Answer::Success(who) = answer else { return true };
    let written = cas1::success(&who.user).expect("one line");
    assert_eq!(written.lines().count(), 2, "{written:?}");
    match cas1::read(written.as_bytes()) {
        Ok(Answer::Success(again)) => assert_eq!(again.user, who.user),
        other => panic!("{other:?}: {written:?}"),
    }
    true
}
