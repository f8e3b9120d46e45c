create schema blog_analysis;

create table blog_analysis.votes (
  Id bigint not null,
  PostId bigint not null,
  VoteTypeId smallint not null,
  UserId bigint,
  CreationDate timestamp not null,
  BountyAmount integer,
  FileId integer not null
);
comment on table blog_analysis.votes is 'One row per vote; Id is unique, always.';
comment on column blog_analysis.votes.Id is 'Identifies the vote; unique, always.';
comment on column blog_analysis.votes.PostId is 'The post that was voted on.';
comment on column blog_analysis.votes.VoteTypeId is 'What kind of vote; named in blog_analysis.vote_types, where it is a known one.';
comment on column blog_analysis.votes.UserId is 'Who voted; published for types 5 and 8 only, null for all others. -1 is a deleted user.';
comment on column blog_analysis.votes.CreationDate is 'When the vote was cast, UTC. The public dump gives the day only: midnight.';
comment on column blog_analysis.votes.BountyAmount is 'Reputation offered or paid, in points; types 8 and 9 only, null for all others.';
comment on column blog_analysis.votes.FileId is 'The file the row came from: joins to ops.file (path, hash, run).';

create table blog_analysis.vote_types (
  VoteTypeId smallint not null,
  Name varchar not null
);
comment on table blog_analysis.vote_types is 'The vote types the source documents; others occur.';
comment on column blog_analysis.vote_types.VoteTypeId is 'Joins to blog_analysis.votes.';
comment on column blog_analysis.vote_types.Name is 'The name the source gives the type.';
insert into blog_analysis.vote_types values
  (1, 'AcceptedByOriginator'),
  (2, 'UpMod'),
  (3, 'DownMod'),
  (4, 'Offensive'),
  (5, 'Favorite'),
  (6, 'Close'),
  (7, 'Reopen'),
  (8, 'BountyStart'),
  (9, 'BountyClose'),
  (10, 'Deletion'),
  (11, 'Undeletion'),
  (12, 'Spam'),
  (15, 'ModeratorReview'),
  (16, 'ApproveEditSuggestion');
