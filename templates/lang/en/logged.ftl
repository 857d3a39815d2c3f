# Somebody is signed in and asked for nothing else.

logged-title = You are signed in
logged-tag = Signed in
logged-institution = Institution
logged-since = Signed in
logged-seen = Last used
logged-until = Ends at the latest
logged-sign-out = Sign out
logged-sign-out-all = Sign out on all { $n } devices
logged-services = Services you are signed in to
logged-services-hint = Signing out tells each of them, where the service supports it.
logged-no-services = No service has been opened yet.
logged-yourself = Sign out there yourself
logged-through = Through { $service }
logged-also-through = Also through { $service }
logged-devices = Your other devices
logged-browser-on = { $browser } on { $system }
logged-some-browser-on = A browser on { $system }
logged-some-browser = A browser
logged-device-seen = Last used { $when }
logged-end = Sign out { $device }
logged-device = On this device
logged-save = Save
logged-forget = Forget { $institution } on this device
logged-change = Change institution
logged-told = What your institution told us about you
logged-known = What is known about you here
