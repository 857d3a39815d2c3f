//! Seats for connections: so many in all, and so many for one address, so that nobody takes them all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::IpNet;

/// Connections at once.
const ALL: usize = 8192;
/// Connections of one address at once: a campus behind one address has room, one client has not all.
const OF_ONE: usize = 1024;

/// All seats. Cheap to clone: clones share them.
#[derive(Clone, Debug)]
pub struct Seats(Arc<Room>);

#[derive(Debug)]
struct Room {
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
    /// Web servers of our own, which bring many people.
    trusted: Vec<IpNet>,
}

/// A seat, until it is dropped.
#[derive(Debug)]
pub struct Seat {
    room: Arc<Room>,
    counted: Option<IpAddr>,
}

impl Seats {
    /// Empty seats. `trusted`: addresses whose own number is not limited.
    pub fn new(trusted: Vec<IpNet>) -> Self {
        Self(Arc::new(Room { taken: Mutex::new(Taken { trusted, ..Taken::default() }) }))
    }

    /// From the next connection on, these addresses are not limited and no others.
    pub fn trust(&self, trusted: Vec<IpNet>) {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner).trusted = trusted;
    }

    /// A seat for a connection from an address (`None`: a socket file), if one is left.
    pub fn take(&self, address: Option<IpAddr>) -> Option<Seat> {
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = address.filter(|ip| !taken.trusted.iter().any(|network| network.contains(ip)));
        if taken.all >= ALL {
            return None;
        }
        if let Some(ip) = counted {
            let own = taken.by_address.entry(ip).or_default();
            if *own >= OF_ONE {
                return None;
            }
            *own += 1;
        }
        taken.all += 1;
        Some(Seat { room: Arc::clone(&self.0), counted })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.room.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        let Some(ip) = self.counted else { return };
        if let Some(own) = taken.by_address.get_mut(&ip) {
            *own -= 1;
            if *own == 0 {
                taken.by_address.remove(&ip);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_all() {
        let seats = Seats::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let (greedy, other, proxy) = ("203.0.113.7", "203.0.113.8", "10.0.0.1");
        let take = |ip: &str| seats.take(Some(ip.parse().unwrap()));
        let mut held: Vec<_> = (0..OF_ONE).map(|_| take(greedy).unwrap()).collect();
        assert!(take(greedy).is_none());
        assert!(take(other).is_some());
        held.pop();
        assert!(take(greedy).is_some(), "a seat that was given back");
        drop(held);
        let held: Vec<_> = (0..ALL).map(|_| take(proxy).unwrap()).collect();
        assert!(take(other).is_none() && seats.take(None).is_none(), "all seats are taken");
        drop(held);
        seats.trust(Vec::new());
        let held: Vec<_> = (0..OF_ONE).map(|_| take(proxy).unwrap()).collect();
        assert!(take(proxy).is_none(), "it is an address like others now");
        drop(held);
        assert!(seats.0.taken.lock().unwrap().by_address.is_empty());
    }
}
