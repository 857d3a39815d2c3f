# After signing out. Never "everywhere" or "completely": a service that accepts the message proves nothing.

logout-title = You are signed out
logout-title-nothing = You were not signed in
logout-title-unknown = You are not signed in
logout-heading = You are signed out of { $site }
logout-heading-nothing = You were not signed in to { $site }
logout-heading-unknown = You are not signed in to { $site }
logout-lead-nothing = There was nothing to sign out of on this device.
logout-lead-unknown = There is no sign-out to show here, or it was too long ago.
logout-lead-told = The services below are being told.
logout-lead-accepted = { $n ->
    [one] The service below has accepted the sign-out.
   *[other] The services below have accepted the sign-out.
}
logout-lead-open = { $n ->
    [one] One of the services below may still have you signed in.
   *[other] { $n } of the services below may still have you signed in.
}
logout-lead-open-only = The service below may still have you signed in.
logout-ended = { $n ->
    [one] You were signed in in this browser only.
   *[other] You were signed out in { $n } browsers.
}
logout-services = Services
logout-being-told = Being told
logout-accepted = Signed out
logout-trying = Trying again
logout-trying-minutes = { $n ->
    [one] It did not answer. We keep trying for a minute.
   *[other] It did not answer. We keep trying for { $n } minutes.
}
logout-trying-hours = It did not answer. We keep trying for { $n } hours.
logout-yourself = Sign out there yourself
logout-yourself-line = This service cannot be signed out from here.
logout-no-answer = No answer
logout-no-answer-line = It could not be told. Sign out there yourself.
logout-open = Open { $service }
logout-upstream = You may still be signed in at { $institution }
logout-upstream-hint = On a shared computer, sign out there too. Otherwise the next person can get in without a password.
logout-upstream-back = { $institution } was asked to sign you out too
logout-upstream-back-hint = If its page did not say that you are signed out, sign out there again.
logout-upstream-button = Sign out of { $institution }
logout-again = Sign in again
logout-first = Sign in
logout-remembered = { $institution } is remembered on this device.
logout-remembered-many = { $n } institutions are remembered on this device.
logout-forget = Forget
