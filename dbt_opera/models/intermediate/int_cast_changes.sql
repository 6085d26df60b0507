with casts as (
    select * from {{ ref('int_cast_listings') }}
    where kind is distinct from 'cover'
),

updates as (
    select * from {{ ref('stg_page_updates') }}
    where is_comparable
),

production_listings as (
    select distinct
        extraction_id,
        production_id
    from {{ ref('int_production_listings') }}
),

evening_listings as (
    select distinct
        extraction_id,
        performance_id
    from {{ ref('int_evening_listings') }}
),

-- Productions of which both versions speak.
pairs as (
    select
        updates.page_id as update_id,
        updates.url,
        updates.updated_at,
        updates.earlier_extraction_id,
        updates.later_extraction_id,
        later.production_id
    from updates
    inner join production_listings as later on updates.later_extraction_id = later.extraction_id
    inner join production_listings as earlier
        on updates.earlier_extraction_id = earlier.extraction_id and later.production_id = earlier.production_id
),

{% for side, version in [('before', 'earlier'), ('after', 'later')] %}
    {{ side }} as (
        select
            pairs.update_id,
            casts.production_id,
            casts.performance_id,
            casts.part_key,
            casts.person_key,
            casts.name_key,
            casts.performer_name,
            casts.role_name,
            casts.kind,
            casts.replaces,
            casts.pointer
        from pairs
        inner join casts
            on pairs.{{ version }}_extraction_id = casts.extraction_id and pairs.production_id = casts.production_id
    ),
{% endfor %}

parts as (
    select
        update_id,
        production_id,
        performance_id,
        part_key,
        bool_or(is_before) as is_named_before,
        bool_or(not is_before) as is_named_after
    from (
        select
            update_id,
            production_id,
            performance_id,
            part_key,
            true as is_before
        from before
        union all
        select
            update_id,
            production_id,
            performance_id,
            part_key,
            false as is_before
        from after
    ) as named
    group by update_id, production_id, performance_id, part_key
),

evenings_of_both as (
    select
        updates.page_id as update_id,
        later.performance_id
    from updates
    inner join evening_listings as later on updates.later_extraction_id = later.extraction_id
    inner join evening_listings as earlier
        on updates.earlier_extraction_id = earlier.extraction_id and later.performance_id = earlier.performance_id
),

-- The run, and the evenings that both versions list.
scopes as (
    select
        parts.update_id,
        parts.production_id,
        parts.performance_id,
        parts.part_key,
        pairs.url,
        pairs.updated_at,
        pairs.later_extraction_id,
        parts.performance_id is not null and not parts.is_named_before as is_of_run_before,
        parts.performance_id is not null and not parts.is_named_after as is_of_run_after
    from parts
    inner join pairs on parts.update_id = pairs.update_id and parts.production_id = pairs.production_id
    left join evenings_of_both
        on parts.update_id = evenings_of_both.update_id and parts.performance_id = evenings_of_both.performance_id
    where parts.performance_id is null or evenings_of_both.performance_id is not null
),

-- Who has the part: who is named for the evening, else who is named for the run.
{% for side in ['before', 'after'] %}
    holders_{{ side }} as (
        select
            scopes.update_id,
            scopes.production_id,
            scopes.performance_id,
            scopes.part_key,
            {{ side }}.person_key,
            {{ side }}.name_key,
            {{ side }}.performer_name,
            {{ side }}.role_name,
            {{ side }}.kind,
            {{ side }}.replaces,
            {{ side }}.pointer
        from scopes
        inner join {{ side }}
            on
                scopes.update_id = {{ side }}.update_id
                and scopes.production_id = {{ side }}.production_id
                and scopes.part_key = {{ side }}.part_key
                and scopes.performance_id is not distinct from case
                    when scopes.is_of_run_{{ side }} and {{ side }}.performance_id is null then scopes.performance_id
                    else {{ side }}.performance_id
                end
    ),
{% endfor %}

-- Whoever the other version names for the production at all (of an evening: in its parts) is neither new nor gone.
{% for side, other, name in [('before', 'after', 'removed'), ('after', 'before', 'added')] %}
    only_{{ side }} as (
        select holders.*
        from holders_{{ side }} as holders
        where
            not exists (
                select 1 from holders_{{ other }} as others
                where
                    holders.update_id = others.update_id
                    and holders.production_id = others.production_id
                    and (holders.performance_id is null or holders.performance_id = others.performance_id)
                    and {{ same_person('holders', 'others') }}
            )
    ),

    {{ name }} as (
        select
            update_id,
            production_id,
            performance_id,
            part_key,
            string_agg(distinct performer_name collate "C", ' / ' order by performer_name collate "C") as names,
            min(role_name collate "C") as role_name,
            min(pointer collate "C") as pointer,
            min(replaces collate "C") filter (where kind = 'jump_in') as replaces,
            bool_or(coalesce(kind = 'jump_in', false)) as is_jump_in
        from only_{{ side }}
        group by update_id, production_id, performance_id, part_key
    ),
{% endfor %}

held_before as (
    select distinct
        update_id,
        production_id,
        performance_id,
        part_key
    from holders_before
),

changes as (
    select
        case
            when removed.names is null then 'cast_added'
            when added.names is null then 'cast_removed'
            when added.is_jump_in then 'jump_in'
            else 'cast_replaced'
        end as kind,
        scopes.production_id,
        scopes.performance_id,
        scopes.part_key,
        coalesce(added.role_name, removed.role_name) as role_name,
        coalesce(added.replaces, removed.names) as old_value,
        added.names as new_value,
        scopes.updated_at as seen_at,
        scopes.url,
        scopes.later_extraction_id as extraction_id,
        added.pointer || '/performer' as pointer
    from scopes
    left join removed
        on
            scopes.update_id = removed.update_id
            and scopes.production_id = removed.production_id
            and scopes.performance_id is not distinct from removed.performance_id
            and scopes.part_key = removed.part_key
    left join added
        on
            scopes.update_id = added.update_id
            and scopes.production_id = added.production_id
            and scopes.performance_id is not distinct from added.performance_id
            and scopes.part_key = added.part_key
    left join held_before
        on
            scopes.update_id = held_before.update_id
            and scopes.production_id = held_before.production_id
            and scopes.performance_id is not distinct from held_before.performance_id
            and scopes.part_key = held_before.part_key
    where
        coalesce(removed.names, added.names) is not null
        -- Beside a cast of the run, a cast of the evening says more, and something else only where both names differ.
        and (
            not (scopes.is_of_run_before or scopes.is_of_run_after)
            or (removed.names is not null and added.names is not null)
            or held_before.update_id is null
        )
)

select * from changes
