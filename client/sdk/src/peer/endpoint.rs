//! Where a peer says that it is. A stranger wrote it, so it may not send us anywhere.

use std::net::IpAddr;

use reqwest::Url;

/// The base of a peer's URLs, or why it is none that is used here. On the internet it is https. Plain http, and a host of
/// this computer, are for a chain of this computer (`rpc_url`), where nobody listens in between. An address of a private
/// network is refused: somebody else's account must not make us knock at the doors of this house.
///
/// What a name resolves to is not looked at: a signed request for one block is all that is sent there.
pub fn endpoint(text: &str, rpc_url: &str) -> Result<Url, String> {
    let url =
        Url::parse(text).map_err(|e| format!("it is no URL ({e}); its operator has to mend it"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it holds a user's name; its operator has to mend it".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it has a query or a fragment; its operator has to mend it".to_owned());
    }
    let here = is_loopback(&url);
    match url.scheme() {
        _ if here && !Url::parse(rpc_url).is_ok_and(|rpc| is_loopback(&rpc)) => {
            Err("it is this computer's own, which only a peer of a local chain may be; use another peer"
                .to_owned())
        }
        "https" if !here && is_private(&url) => {
            Err("it is in a private network; use another peer".to_owned())
        }
        "https" => Ok(url),
        "http" if here => Ok(url),
        _ => Err("it is not https; use another peer".to_owned()),
    }
}

/// Host and port: what two peers on one machine share is the host.
pub fn host(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let host = url.host_str()?.to_owned();
    // On a laptop all peers are at one host, and are told apart by their ports.
    if is_loopback(&url) {
        Some(format!("{host}:{}", url.port_or_known_default()?))
    } else {
        Some(host)
    }
}

fn address(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_matches(['[', ']']).parse().ok()
}

fn is_loopback(url: &Url) -> bool {
    url.host_str() == Some("localhost") || address(url).is_some_and(|ip| unmapped(ip).is_loopback())
}

fn is_private(url: &Url) -> bool {
    match address(url).map(unmapped) {
        None => false,
        Some(IpAddr::V4(ip)) => {
            ip.is_private() || ip.is_link_local() || ip.is_unspecified() || ip.is_broadcast()
        }
        Some(IpAddr::V6(ip)) => {
            ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local()
        }
    }
}

/// An IPv4 address in the clothes of an IPv6 one is what it was.
fn unmapped(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        IpAddr::V4(_) => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_s_url_sends_us_nowhere() {
        let (local, far) = ("http://127.0.0.1:8899", "https://rpc.example");
        for (url, rpc, fine) in [
            ("https://peer.example", far, true),
            ("https://peer.example:8443/storage", far, true),
            ("https://93.184.215.14", far, true),
            ("http://peer.example", far, false),
            ("http://peer.example", local, false),
            ("http://127.0.0.1:4001", local, true),
            ("http://[::1]:4001", local, true),
            ("http://localhost:4001", local, true),
            ("http://127.0.0.1:5001", far, false),
            ("https://localhost", far, false),
            ("https://10.0.0.1", far, false),
            ("https://192.168.1.1", local, false),
            ("https://169.254.169.254", far, false),
            ("https://[fd00::1]", far, false),
            ("https://[::ffff:10.0.0.1]", far, false),
            ("https://0.0.0.0", far, false),
            ("https://me:secret@peer.example", far, false),
            ("https://peer.example?to=", far, false),
            ("ftp://peer.example", far, false),
            ("peer.example", far, false),
        ] {
            assert_eq!(
                endpoint(url, rpc).is_ok(),
                fine,
                "{url} by {rpc}: {:?}",
                endpoint(url, rpc)
            );
        }
    }

    #[test]
    fn machines_are_told_apart() {
        assert_eq!(host("https://a.example:1"), host("https://a.example/x"));
        assert_ne!(host("http://127.0.0.1:1"), host("http://127.0.0.1:2"));
        assert_eq!(host("nonsense"), None);
    }
}
