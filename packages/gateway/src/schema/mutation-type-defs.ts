/** What is added to the contract where operations may be started. */
export const mutationTypeDefs = /* GraphQL */ `
  """
  Starts operations. Each request to Graph is sent exactly once: never again by itself, also when it was
  throttled or the connection broke, for it may have taken effect. A document has one of these fields, so that
  no failure hides what else was started. Sent with HTTP POST and answered with JSON: over WebSocket and event
  streams, where clients send again what was not answered, they are refused.
  """
  type Mutation {
    "Makes a team read-only."
    archiveTeam(
      "The team's id, a GUID."
      teamId: ID!
      "Whether members may only read the team's SharePoint site from then on. Graph takes it to be false."
      shouldSetSpoSiteReadOnlyForMembers: Boolean
    ): StartedOperation!
    "Makes an archived team usable again."
    unarchiveTeam("The team's id, a GUID." teamId: ID!): StartedOperation!
    "Copies a team. The id of the copy is the targetResourceId of the operation."
    cloneTeam(
      "The id of the team to copy, a GUID."
      teamId: ID!
      "What to copy, and what the copy is like."
      clone: TeamClone!
    ): StartedOperation!
    "Creates a team. Its id is the targetResourceId of the operation."
    createTeam("What the team is like." team: NewTeam!): StartedOperation!
    "Creates a shared channel. Graph creates the other kinds at once: there is no operation to follow."
    createChannel(
      "The id of the team that it is in, a GUID."
      teamId: ID!
      "What the channel is like."
      channel: NewSharedChannel!
    ): StartedOperation!
    "Makes a channel of a team that is not archived read-only."
    archiveChannel(
      "The team's id, a GUID."
      teamId: ID!
      "The channel's id, such as 19:…@thread.tacv2."
      channelId: ID!
      "Whether members may only read the team's SharePoint site from then on. Graph takes it to be false."
      shouldSetSpoSiteReadOnlyForMembers: Boolean
    ): StartedOperation!
    "Makes an archived channel of a team that is not archived usable again."
    unarchiveChannel(
      "The team's id, a GUID."
      teamId: ID!
      "The channel's id, such as 19:…@thread.tacv2."
      channelId: ID!
    ): StartedOperation!
    "Creates a chat with an app in it. Graph creates a chat without one at once, without an operation."
    createChat("What the chat is like." chat: NewChat!): StartedOperation!
  }

  "An operation that Graph has taken on. What becomes of it, the subscription teamsAsyncOperation tells."
  type StartedOperation {
    "Where the operation lives: what to pass as ref.location, now or later."
    location: String!
    "What to pass as ref to a query or a subscription, just as it is."
    ref: StartedOperationRef!
  }

  "A TeamsAsyncOperationRef, as the answer to a mutation has it."
  type StartedOperationRef {
    "Where the operation lives."
    location: String!
  }

  "What a copy of a team takes over, and what it is like."
  input TeamClone {
    "The name of the copy."
    displayName: String!
    "What is copied. At least one."
    partsToClone: [ClonableTeamPart!]!
    "What the copy is for. That of the original unless it is given."
    description: String
    "Who finds the copy. That of the original unless it is given."
    visibility: TeamVisibility
    "The classification of the copy, one of those that the tenant has. That of the original unless it is given."
    classification: String
  }

  "What can be copied of a team."
  enum ClonableTeamPart {
    "The apps that are installed."
    APPS
    "The tabs of channels, without what is set up in them."
    TABS
    "The settings."
    SETTINGS
    "The channels, without what was said in them."
    CHANNELS
    "The members and owners."
    MEMBERS
  }

  "Who finds a team, and who sees what is in it."
  enum TeamVisibility {
    "Everybody finds it; its members see what is in it."
    PRIVATE
    "Everybody finds it, sees what is in it, and may join."
    PUBLIC
    "Only its members find it, and only they see who the others are."
    HIDDEN_MEMBERSHIP
  }

  "A team to be created."
  input NewTeam {
    "The name. Needed unless the team is made of a group, whose name it then has."
    displayName: String
    "What the team is for."
    description: String
    "Who finds it. Graph takes it to be PUBLIC."
    visibility: TeamVisibility
    "The template that it is made from, such as standard or educationClass."
    templateId: ID! = "standard"
    "The id, a GUID, of the Microsoft 365 group that the team is made of."
    groupId: ID
    "Where the gateway reads Graph as itself: exactly one owner. Graph adds others later."
    members: [ConversationMember!]
  }

  "A shared channel to be created."
  input NewSharedChannel {
    "The name, at most 50 characters, which no other channel of the team has."
    displayName: String!
    "What the channel is for."
    description: String
    "Exactly one owner, where the gateway reads Graph as itself."
    members: [ConversationMember!]
  }

  "A chat to be created."
  input NewChat {
    "Whether it is between two or more."
    chatType: ChatType!
    "What it is about; of a group chat only."
    topic: String
    "Everybody who takes part, whoever creates it included."
    members: [ConversationMember!]!
    "What is installed in it. Graph takes exactly one app."
    installedApps: [ChatApp!]!
  }

  "Between how many a chat is."
  enum ChatType {
    "Between two. There is one at the most: creating it again gives the same."
    ONE_ON_ONE
    "Between any number."
    GROUP
  }

  "An app to be installed in a chat."
  input ChatApp {
    "Its id in the catalog of apps."
    teamsAppId: ID!
  }

  "Somebody who is to be in a team, a channel or a chat."
  input ConversationMember {
    "The id of the user, or the user principal name."
    user: ID!
    "What they may do; none for a plain member of a team. In a chat everybody is OWNER or GUEST."
    roles: [ConversationMemberRole!]! = [OWNER]
  }

  "What a member may do."
  enum ConversationMemberRole {
    "All that members can."
    OWNER
    "What guests, from another tenant, may."
    GUEST
  }
`
