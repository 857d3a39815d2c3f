# Errors. Five parts in this order: what happened (headline), whose side it is on (.side),
# what was not done (undone-…), what to do (step-…), reference and contact.

error-address = The address that asked
error-steps = What you can do
error-reference = Reference for the support team
error-copy = Copy
error-copied = Copied
error-contacts = Contact for { $service }
error-details = Details for the people who run this service
error-code = Code
error-time = Time
error-provider = Provider
error-attribute = Attribute
error-explain = Explain it
error-try = Try it

action-retry = Try again
action-start = Start again
action-choose = Choose another institution
action-choose-first = Choose your institution
action-home = Go to my sign-in page
action-access = How to get access to { $service }
action-back = Go back to { $service }

undone-nothing = Nothing about you was sent.
undone-signed-in = This sign-in stopped here, and nothing about you was sent.
undone-checked = Your password was not checked, and nothing about you was sent.
undone-at-all = Nothing was done, and nothing about you was sent.
undone-nothing-service = Nothing about you was sent to a service.

step-imitation = If you followed a link in a message, read the address above carefully. It may be an imitation of the service that you expect.
step-home-page = Open the service from its own home page and try again.
step-later = Try again in a few minutes.
step-when = Ask the people who run { $service } whether it will be available again, and at what hours.
step-here = If you wanted to do this, start from our own pages: open your sign-in page with the button below.
step-shorter = Go back, load the page again, and send the form once more with nothing long in it.
step-other-account = If you have another account, sign in with that one.
step-ask-service = Ask the people who run { $service } to let you in.
step-choose = Choose your institution from the list.
step-other-institution = If you have an account of another institution, choose that one.
step-institution-desk = If it lasts, tell the help desk of { $institution } and give the reference below.
step-own-desk = { $institution ->
    [unnamed] Ask your help desk to send it, and give the reference below.
   *[other] Ask the help desk of { $institution } to send it, and give the reference below.
}
step-once-more = Sign in once more and keep this page open until you are through.
step-start = Start again with the button below.
step-cookies = If it happens again, allow cookies for { $site } in your browser.
step-whole-link = If you followed a link, check that it was copied in full.
step-go-back = Go back to the page that you came from and try again.
# $help is a link to the contact, "unnamed" when there is none.
step-report = { $help ->
    [unnamed] If that fails too, give the reference below to the people who run { $site }.
   *[other] If that fails too, send the reference below to { $help }.
}

error-service-not-registered = This service is not set up to use { $site }
    .side = The page you came from asked us to sign you in to an address that is not on the list of services we know, so we stopped. Your account is not the problem.
error-service-not-https = This service is not set up safely
    .side = The address of the service does not begin with https, so others could read along. The service has to change that. Your account is not the problem.
error-service-disabled = { $service } is not available at the moment
    .side = Signing in to this service is switched off now, for good, for a while or outside its hours. Your account is not the problem.
error-service-malformed = The address of the service cannot be read
    .side = The page you came from asked us to sign you in to something that is not a web address. Your account is not the problem.
error-service-user = Your account is not on the list for { $service }
    .side = The people who run { $service } decide who may use it. Your password is not the problem.
error-service-filter = { $service } is only for some groups of users
    .side = The people who run { $service } decide which groups may use it, and your account is in none of them. Your password is not the problem.
error-service-attribute = { $institution ->
    [unnamed] { $service } needs “{ $attribute }” and your account does not have it
   *[other] { $service } needs “{ $attribute }” and your institution did not send it
}
    .side = { $institution ->
    [unnamed] Your sign-in worked. Only this piece of information is missing in your account.
   *[other] Your sign-in worked. Only { $institution } can send this piece of information.
}
error-service-provider = { $institution ->
    [unnamed] { $service } does not accept the account that you used
   *[other] { $service } does not accept accounts of { $institution }
}
    .side = The people who run { $service } decide which accounts it accepts. Your password is not the problem.
error-service-no-way = { $service ->
    [unnamed] There is no way to sign in here at the moment
   *[other] { $service } has no way to sign in here at the moment
}
    .side = Nothing is open here that anybody could sign in with. Your account is not the problem.
error-provider-unknown = This institution is not part of { $site }
    .side = The link that brought you here names an institution that we do not know. Your account is not the problem.
error-provider-disabled = { $institution ->
    [unnamed] Signing in is not available at the moment
   *[other] { $institution } is not available at the moment
}
    .side = { $institution ->
    [unnamed] Signing in through institutions is switched off on our side. Your account is not the problem.
   *[other] Signing in through this institution is switched off on our side. Your password is not the problem.
}
error-upstream-silent = { $institution } is not answering
    .side = You may have signed in there correctly, but we could not check it. The trouble is between { $institution } and us. Your password is not the problem.
error-upstream-rejected = { $institution } did not confirm your sign-in
    .side = This happens when a page is loaded twice or was open too long. Your password is not the problem.
error-upstream-answer = { $institution } sent an answer that we cannot use
    .side = The trouble is between { $institution } and us. Your password is not the problem.
error-upstream-lost = This sign-in was started in another tab or too long ago
    .side = We can no longer tell which sign-in this belongs to. Your account is not the problem.
error-upstream-loop = Signing in went round in circles
    .side = { $institution } and { $site } sent your browser back and forth several times, so we stopped. Your password is not the problem.
error-backend-down = Passwords cannot be checked at the moment
    .side = The trouble is on our side. Your password is not the problem.
error-malformed = This request cannot be read
    .side = The link or the form that brought you here is incomplete. Your account is not the problem.
error-method = This page cannot be opened in this way
    .side = The link or the form that brought you here is wrong. Your account is not the problem.
error-foreign = This form came from another site
    .side = A page that is not ours, or that hides where it comes from, made your browser send us a form, so we stopped. Your account is not the problem.
error-too-large = This request is too large
    .side = The form that your browser sent is larger than we take, or it did not arrive in full. Your account is not the problem.
error-not-found = This page does not exist
    .side = The link that brought you here is wrong or out of date. Your account is not the problem.
error-server = Something failed on our side
    .side = Your password is not the problem. We have written down what happened.
