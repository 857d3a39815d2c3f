# The form for local accounts.

login-title = Sign in
login-heading = Sign in
login-heading-guest = Sign in with your guest account
login-renewal = { $service } asks you to confirm that it is you.
login-renewal-plain = Confirm that it is you.

login-username = User name
login-password = Password
login-show = Show password
login-caps = Caps Lock is on.
login-warn = Ask me before signing me in to other services
login-remember = Keep me signed in
login-remember-hint = Only on a device that nobody else uses.
login-button = Sign in
login-forgotten = Forgot your password?
login-institution = Sign in with your institution

login-wrong = Wrong user name or password
login-wrong-hint = Check both and try again.
login-expired = This page was open too long
login-expired-hint = Please sign in again.
login-cookies = Your browser did not keep our cookie
login-cookies-hint = Signing in needs cookies. Allow them for this site, then sign in again.
login-missing = Something is missing
login-missing-hint = Fill in the marked fields.
login-no-username = Enter your user name.
login-no-password = Enter your password.
