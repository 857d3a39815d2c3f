# After signing out. Never "everywhere" or "completely": a service that accepts the message proves nothing.

logout-title = You are signed out
logout-heading = You are signed out of { $site }
logout-heading-nothing = You were not signed in to { $site }
logout-lead-nothing = There was nothing to sign out of on this device.
logout-lead-told = The services below are being told.
logout-lead-yourself = { $n ->
    [one] One of the services below cannot be signed out from here.
   *[other] { $n } of the services below cannot be signed out from here.
}
logout-services = Services
logout-being-told = Being told
logout-yourself = Sign out there yourself
logout-yourself-line = This service cannot be signed out from here.
logout-open = Open { $service }
logout-upstream = You may still be signed in at { $institution }
logout-upstream-hint = On a shared computer, sign out there too. Otherwise the next person can get in without a password.
logout-upstream-button = Sign out of { $institution }
logout-again = Sign in again
logout-first = Sign in
logout-back = Go back to { $service }
