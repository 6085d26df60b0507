with cast_members as (
    select * from {{ ref('int_cast') }}
),

scopes as (
    select * from {{ ref('int_scopes') }}
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

production_works as (
    select * from {{ ref('int_production_works') }}
),

roles as (
    select * from {{ ref('int_roles') }}
),

-- The role among the works of the bill; a role two of them know stays open.
roles_of_productions as (
    select
        production_works.production_id,
        roles.printed_role_key,
        min(roles.role_id) as role_id,
        min(roles.role_name) as role_name,
        min(roles.role_type) as role_type,
        min(roles.ordinal) as ordinal,
        min(roles.resolution) as resolution,
        min(roles.resolution_score) as resolution_score
    from production_works
    inner join roles on production_works.opera_work_id = roles.opera_work_id
    group by production_works.production_id, roles.printed_role_key
    having count(*) = 1
),

placed as (
    select
        scopes.production_id,
        scopes.performance_id,
        cast_members.performer_id,
        cast_members.role_key,
        cast_members.role,
        roles.role_id,
        coalesce(roles.role_name, cast_members.role) as role_name,
        roles.role_type,
        roles.ordinal as role_ordinal,
        coalesce(roles.resolution, 'provisional') as resolution,
        coalesce(roles.resolution_score, 0.50)::numeric(3, 2) as resolution_score,
        cast_members.voice_type,
        cast_members.voice_type_printed,
        case
            when scopes.is_on_unknown_nights then coalesce(nullif(cast_members.kind, 'main'), 'alternate')
            else cast_members.kind
        end as kind,
        cast_members.replaces_performer_id,
        cast_members.extraction_id,
        cast_members.pointer,
        cast_members.pick_rank,
        cast_members.position,
        mentions.first_scraped_at,
        mentions.scraped_at,
        mentions.last_seen_at
    from cast_members
    inner join scopes
        on cast_members.extraction_id = scopes.extraction_id and cast_members.pointer = scopes.pointer
    inner join mentions on cast_members.mention_id = mentions.mention_id
    left join roles_of_productions as roles
        on scopes.production_id = roles.production_id and cast_members.role_key = roles.printed_role_key
),

-- Two spellings of a role are one part.
keyed as (
    select
        *,
        coalesce(kind = 'cover', false) as is_cover,
        coalesce(role_id, role_key) as part_key
    from placed
),

identified as (
    select
        *,
        {{ key('cast', ['production_id', 'performance_id', 'performer_id', 'part_key', 'is_cover']) }}
            as cast_assignment_id
    from keyed
)

select * from identified
