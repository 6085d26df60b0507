with recursive names as (
    select * from {{ ref('int_names') }}
),

occurrences as (
    select * from {{ ref('int_name_occurrences') }}
),

pairs as (
    select * from {{ ref('int_name_pairs') }}
    where is_merged
),

counted as (
    select
        occurrences.company_id,
        names.printed,
        names.position,
        names.name,
        names.name_key,
        names.is_ensemble,
        bool_or(occurrences.page_language in ('hu', 'ja', 'ko', 'vi', 'zh')) as is_family_name_first,
        count(*) as occurrences
    from names
    inner join occurrences on names.printed = occurrences.printed
    group by
        occurrences.company_id, names.printed, names.position, names.name, names.name_key, names.is_ensemble
),

edges as (
    select
        left_key as one,
        right_key as other
    from pairs
    union
    select
        right_key as one,
        left_key as other
    from pairs
),

-- All names that one person has.
reached as (
    select
        one as name_key,
        one as reached_key
    from edges
    union
    select
        reached.name_key,
        edges.other as reached_key
    from reached
    inner join edges on reached.reached_key = edges.one
),

groups as (
    select
        name_key,
        min(reached_key collate "C") as group_key
    from reached
    group by name_key
),

frequencies as (
    select
        coalesce(groups.group_key, counted.name_key) as group_key,
        counted.name_key,
        bool_or(counted.is_family_name_first) as is_family_name_first,
        sum(counted.occurrences) as occurrences
    from counted
    left join groups on counted.name_key = groups.name_key
    group by coalesce(groups.group_key, counted.name_key), counted.name_key
),

canonical_keys as (
    select distinct on (group_key)
        group_key,
        name_key as person_key
    from frequencies
    order by group_key, is_family_name_first, occurrences desc, name_key collate "C"
),

resolved as (
    select
        counted.*,
        canonical_keys.person_key
    from counted
    left join groups on counted.name_key = groups.name_key
    inner join canonical_keys on coalesce(groups.group_key, counted.name_key) = canonical_keys.group_key
),

-- Two people of one name: at some companies the name conducts, at others it sings, and at none it does both.
professions as (
    select
        resolved.person_key,
        occurrences.company_id,
        bool_or(occurrences.function in ('conductor', 'chorus_master', 'assistant_conductor')) as has_conducted,
        bool_or(occurrences.function = 'singer' and occurrences.role_key <> '') as has_sung
    from resolved
    inner join occurrences
        on resolved.printed = occurrences.printed and resolved.company_id = occurrences.company_id
    group by resolved.person_key, occurrences.company_id
),

namesakes as (
    select person_key
    from professions
    group by person_key
    having bool_or(has_conducted) and bool_or(has_sung) and not bool_or(has_conducted and has_sung)
),

-- The spelling shown: of the canonical word order, not in capitals, the most frequent.
spellings as (
    select distinct on (person_key)
        person_key,
        name
    from (
        select
            person_key,
            name,
            name_key = person_key as is_canonical,
            sum(occurrences) as occurrences
        from resolved
        group by person_key, name, name_key
    ) as spelled
    order by
        person_key, is_canonical desc, (name collate "C" !~ '[a-z]'), occurrences desc, name collate "C"
),

scores as (
    select
        canonical_keys.person_key,
        min(pairs.score) as score
    from pairs
    inner join groups on pairs.left_key = groups.name_key
    inner join canonical_keys on groups.group_key = canonical_keys.group_key
    group by canonical_keys.person_key
),

variants as (
    select
        person_key,
        count(distinct printed) as printed_count
    from resolved
    group by person_key
),

identified as (
    select
        resolved.company_id,
        resolved.printed,
        resolved.position,
        case
            when namesakes.person_key is not null and professions.has_conducted
                then {{ key('performer', ['resolved.person_key', "'conductor'"]) }}
            else {{ key('performer', ['resolved.person_key']) }}
        end as performer_id,
        resolved.person_key
        || case
            when namesakes.person_key is not null and professions.has_conducted then ' conductor' else ''
        end as person_key,
        spellings.name,
        resolved.is_ensemble,
        case when variants.printed_count > 1 then 'normalised' else 'provisional' end as resolution,
        coalesce(scores.score, 0.90)::numeric(3, 2) as resolution_score
    from resolved
    inner join spellings on resolved.person_key = spellings.person_key
    inner join variants on resolved.person_key = variants.person_key
    left join scores on resolved.person_key = scores.person_key
    left join namesakes on resolved.person_key = namesakes.person_key
    left join professions
        on resolved.person_key = professions.person_key and resolved.company_id = professions.company_id
)

select * from identified
